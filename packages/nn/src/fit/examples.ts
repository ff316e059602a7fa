/** Examples: rows of several tensors that belong together, in batches and in a secret order. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { sizeOf, slice } from '@tacit/ring';
import { CrypTensor } from '@tacit/tensor';

/** What a batch consists of. */
export interface Batch {
  readonly inputs: readonly CrypTensor[];
  readonly targets: CrypTensor;
  /** Classes of one-hot targets, where they are wanted. */
  readonly classes: CrypTensor | undefined;
}

/** Inputs and targets of examples, along the first axis. */
export class Examples implements Batch {
  readonly count: number;

  /** As a user gives them. @throws as the constructor */
  static of(inputs: CrypTensor | readonly CrypTensor[], targets: CrypTensor): Examples {
    return new Examples(Array.isArray(inputs) ? inputs : [inputs as CrypTensor], targets, undefined);
  }

  /**
   * Examples of tensors that are as long.
   * @param inputs secret inputs of a model
   * @param targets secret targets
   * @param classes what else there is of each example
   * @throws ArgumentError for what is not secret, of another session or without an example
   * @throws ShapeError where the first axes differ
   */
  constructor(
    readonly inputs: readonly CrypTensor[],
    readonly targets: CrypTensor,
    readonly classes: CrypTensor | undefined,
  ) {
    if (inputs.length === 0) throw new ArgumentError('inputs: there are none');
    for (const [what, x] of [...inputs.map((x) => ['inputs', x] as const), ['targets', targets] as const]) {
      if (!(x instanceof CrypTensor))
        throw new ArgumentError(`${what} are secret tensors: share them by party.cryptensor()`);
      if (x.context !== inputs[0].context)
        throw new ArgumentError(`${what} are tensors of different parties or sessions`);
      if (x.rank === 0) throw new ShapeError(`${what} have no axis of examples`);
      if (x.shape[0] !== inputs[0].shape[0])
        throw new ShapeError(`${inputs[0].shape[0]} examples of inputs, and ${x.shape[0]} of ${what}`);
    }
    [this.count] = inputs[0].shape;
    if (this.count === 0) throw new ArgumentError('there are no examples');
  }

  /** The first and the one behind the last example of each batch. */
  batches(size: number, dropLast: boolean): { readonly start: number; readonly length: number }[] {
    const count = (dropLast ? Math.floor : Math.ceil)(this.count / size);
    if (count === 0) throw new ArgumentError(`dropLast leaves no batch of ${size} of ${this.count} examples`);
    return Array.from({ length: count }, (_, i) => ({
      start: i * size,
      length: Math.min(size, this.count - i * size),
    }));
  }

  /** Some of the examples. Local. */
  part({ start, length }: { readonly start: number; readonly length: number }): Batch {
    const of = (x: CrypTensor) => (length === this.count ? x.clone() : x.narrow(0, start, length));
    return {
      inputs: this.inputs.map(of),
      targets: of(this.targets),
      classes: this.classes && of(this.classes),
    };
  }

  /** The same examples in an order that nobody knows: a shuffle of rows that hold all of an example. Rounds: one a party. */
  shuffled(): Examples {
    const all = [...this.inputs, this.targets, ...(this.classes ? [this.classes] : [])];
    const mixed = rowsShuffled(all);
    const inputs = mixed.slice(0, this.inputs.length);
    return new Examples(inputs, mixed[inputs.length], mixed[inputs.length + 1]);
  }

  /** Frees the tensors. */
  dispose(): void {
    for (const x of [...this.inputs, this.targets, this.classes]) x?.dispose();
  }
}

/** The rows of all tensors, moved by one permutation that nobody knows. Exact; each keeps its scale. */
function rowsShuffled(tensors: readonly CrypTensor[]): CrypTensor[] {
  const [{ engine, shape }] = tensors;
  const [rows] = shape;
  const values = tensors.flatMap(({ value }) => (value.rest ? [value, value.rest] : [value]));
  const widths = values.map(({ size }) => size / rows);
  const flat = values.map(({ share }, i) => share.reshaped([1, rows, widths[i]]));
  const together = engine.concat(flat, 2);
  const mixed = engine.shuffle(together);
  let at = 0;
  const parts = values.map((value, i) => {
    const range = { start: at, stop: at + widths[i] };
    at += widths[i];
    const part = engine.view(mixed, slice(mixed.shape, [undefined, undefined, range]));
    const made = value.with(part.reshaped(value.shape));
    made.scaled = value.scaled;
    part.dispose();
    return made;
  });
  for (const share of [...flat, together, mixed]) share.dispose();
  let next = 0;
  return tensors.map(({ value }) => {
    const made = parts[next++];
    return new CrypTensor(value.rest ? made.withRest(parts[next++]) : made);
  });
}

/** How many decisions there are for an example: one, or one for each of its pixels, say. */
export const decisions = ({ shape }: CrypTensor): number =>
  sizeOf(shape.length > 1 && shape[1] > 1 ? [shape[0], ...shape.slice(2)] : shape);
