/**
 * Rows in folds. A training set is all rows but those of one fold, in the order that begins behind it and goes on from the
 * start.
 */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { sizeOf } from '@tacit/graph';
import { type CrypTensor, cat, noGrad, tidy } from '@tacit/tensor';

/** Rows of a data set, of which one fold is left out. */
export class Folds {
  readonly #rows: number;
  readonly #starts: readonly number[];

  /**
   * Divides rows into folds.
   * @param inputs [rows, ...]
   * @param targets [rows, ...]
   * @param folds how many folds there are; their sizes differ by one at most
   */
  constructor(
    readonly inputs: CrypTensor,
    readonly targets: CrypTensor,
    folds: number,
  ) {
    [this.#rows] = inputs.shape;
    this.#starts = Array.from({ length: folds + 1 }, (_, i) => Math.floor((i * this.#rows) / folds));
  }

  /**
   * The training set in batches. No round. A batch that is used again is not opened under a mask again.
   * @param fold fold that is left out
   * @param batchSize rows of a batch; the last one may have fewer
   * @returns all batches, in their order
   */
  batches(fold: number, batchSize: number): Rows[] {
    const first = this.#starts[fold + 1];
    const end = first + this.#rows - (first - this.#starts[fold]);
    const starts = Array.from(
      { length: Math.ceil((end - first) / batchSize) },
      (_, i) => first + i * batchSize,
    );
    return starts.map((start) => this.#slice(start, Math.min(start + batchSize, end)));
  }

  /**
   * The rows that are left out. No round.
   * @param fold which fold
   * @returns its rows
   */
  heldOut(fold: number): Rows {
    return this.#slice(this.#starts[fold], this.#starts[fold + 1]);
  }

  #slice(start: number, end: number): Rows {
    const part = (x: CrypTensor) => noGrad(() => tidy(x.context, () => this.#part(x, start, end)));
    return { inputs: part(this.inputs), targets: part(this.targets) };
  }

  /** Rows from one place to another; behind the last one comes the first. */
  #part(x: CrypTensor, start: number, end: number): CrypTensor {
    const rows = this.#rows;
    if (end <= rows) return x.narrow(0, start, end - start);
    if (start >= rows) return x.narrow(0, start - rows, end - start);
    return cat([x.narrow(0, start, rows - start), x.narrow(0, 0, end - rows)]);
  }

  /** Frees all rows. */
  dispose(): void {
    this.inputs.dispose();
    this.targets.dispose();
  }
}

/** Inputs and targets of as many examples. */
export interface Rows {
  readonly inputs: CrypTensor;
  readonly targets: CrypTensor;
}

/**
 * Rows in folds, in their order or in one that nobody knows, the same for inputs and targets. Rounds of a shuffle, which
 * are one a party.
 * @param inputs [rows, ...]
 * @param targets [rows, ...]
 * @param folds how many folds
 * @param shuffled whether rows are moved
 * @returns the folds
 * @throws ShapeError where inputs and targets are not of as many rows; ArgumentError where there are fewer rows than folds
 */
export function foldsOf(inputs: CrypTensor, targets: CrypTensor, folds: number, shuffled: boolean): Folds {
  const [rows] = inputs.shape;
  if (inputs.rank === 0 || targets.rank === 0 || targets.shape[0] !== rows)
    throw new ShapeError(
      `crossValidate takes inputs and targets of as many rows, not [${inputs.shape}] and [${targets.shape}]`,
    );
  if (rows < folds) throw new ArgumentError(`${rows} rows cannot be divided into ${folds} folds`);
  const [x, y] = noGrad(() =>
    tidy(inputs.context, () => {
      // A product is truncated once, and not in every piece.
      const whole = [inputs, targets].map((given) => given.detach().workingPrecision());
      return shuffled ? together(whole[0], whole[1]) : whole;
    }),
  );
  return new Folds(x, y, folds);
}

function together(inputs: CrypTensor, targets: CrypTensor): [CrypTensor, CrypTensor] {
  const [rows] = inputs.shape;
  const widths = [inputs, targets].map(({ shape }) => sizeOf(shape.slice(1)));
  const flat = [inputs, targets].map((x, i) => x.reshape([rows, widths[i]]));
  const mixed = cat(flat, 1).shuffle();
  return [
    mixed.narrow(1, 0, widths[0]).reshape(inputs.shape),
    mixed.narrow(1, widths[0], widths[1]).reshape(targets.shape),
  ];
}
