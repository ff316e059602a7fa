/**
 * What LSTM, GRU and RNN share. A layer is unrolled: one product of all inputs with the weights of all gates and both
 * directions, then for each step one product of the state. Both directions are independent, so they share rounds.
 *
 * Sequences that are shorter than the others are public (`sequence_lens`): a step computes only the rows whose sequence
 * has it, and selections by public indices put them back, which is local.
 */
import { at, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { type Activation, gateActivations } from './gate-activations.js';
import { multiply, swapLast } from './matrix.js';

/** State of a direction before a step; undefined where it is zero. */
export type State = readonly (Value | undefined)[];

/** What a kind of layer is. */
export interface Cell {
  readonly gates: number;
  /** Names of the activations of a direction. */
  readonly activations: readonly string[];
  /** Positions of the inputs of initial states. */
  readonly states: readonly number[];
  /** Makes one direction's step. */
  direction(layer: Layer, d: number): Step;
}

/** One direction of a layer: what of the biases goes with the inputs, and the state after a step. */
export interface Step {
  /** Added to the products of the inputs, for each gate. */
  readonly bias: Value | undefined;
  /** From the products of the inputs, [rows, gates * hidden]. */
  next(projected: Value, state: State): readonly Value[];
}

/** A layer while it is unrolled. */
export class Layer {
  readonly hidden: number;
  readonly directions: number;
  readonly activations: readonly (readonly Activation[])[];
  readonly #clip: number;

  constructor(
    readonly context: NodeContext,
    readonly cell: Cell,
  ) {
    const direction = context.string('direction', 'forward');
    if (!['forward', 'reverse', 'bidirectional'].includes(direction))
      context.fail(`direction ${JSON.stringify(direction)}`);
    this.directions = direction === 'bidirectional' ? 2 : 1;
    const [count, rows, hidden] = context.shape(context.input(2));
    if (typeof hidden !== 'number' || typeof count !== 'number' || typeof rows !== 'number')
      context.fail('the sizes of R are not known');
    this.hidden = hidden as number;
    if (context.int('hidden_size', this.hidden) !== this.hidden || rows !== cell.gates * this.hidden)
      context.fail(`R of ${rows} rows does not fit hidden_size ${context.int('hidden_size', this.hidden)}`);
    if (count !== this.directions) context.fail(`R for ${count} directions`);
    this.activations = gateActivations(context, cell.activations, this.directions);
    this.#clip = context.float('clip', 0);
  }

  /** The values of direction d of an input of all directions, without that axis. */
  of(value: Value, d: number): Value {
    const { context } = this;
    const part =
      this.directions === 1
        ? value
        : context.emit('Slice', [value], { axes: [0], starts: [d], ends: [d + 1], steps: [1] });
    return context.emit('Squeeze', [part], { axes: [0] });
  }

  /** The values of gates from `start` to `end` along the last axis. */
  gates(value: Value, start: number, end: number): Value {
    if (start === 0 && end === this.cell.gates) return value;
    const axes = [this.context.rank(value) - 1];
    const [starts, ends] = [[start * this.hidden], [end * this.hidden]];
    return this.context.emit('Slice', [value], { axes, starts, ends, steps: [1] });
  }

  /** The biases of direction d: those of W, then those of R. */
  biases(d: number): readonly [Value, Value] | undefined {
    const listed = this.context.optional(3);
    if (listed === undefined) return undefined;
    const all = this.of(listed, d);
    const width = this.cell.gates * this.hidden;
    const half = (start: number) => {
      const [starts, ends] = [[start * width], [(start + 1) * width]];
      return this.context.emit('Slice', [all], { axes: [0], starts, ends, steps: [1] });
    };
    return [half(0), half(1)];
  }

  /** R of direction d, transposed: [hidden, gates * hidden]. */
  recurrence(d: number): Value {
    return swapLast(this.context, this.of(this.context.input(2), d));
  }

  /** Limits the input of an activation. */
  clipped(x: Value): Value {
    const max = this.#clip;
    return max > 0 ? this.context.emit('Clip', [x], { min: -max, max }) : x;
  }

  add(x: Value, y: Value | undefined): Value {
    return y === undefined ? x : this.context.emit('Add', [x, y], {});
  }

  mul(x: Value, y: Value): Value {
    return this.context.emit('Mul', [x, y], {});
  }
}

/** Unrolls a layer, and sets its outputs: all states, then the last ones. */
export function unroll(context: NodeContext, cell: Cell): void {
  const layer = new Layer(context, cell);
  const transposed = context.opset >= 14 && context.int('layout', 0) === 1;
  const move = (value: Value, perm: readonly number[]) =>
    transposed ? context.emit('Transpose', [value], { perm }) : value;
  const x = move(context.input(0), [1, 0, 2]);
  if (context.rank(x) !== 3) context.fail('the input is not [sequence, batch, features]');
  const length = lengthOf(context, x);
  const lengths = lengthsOf(context, x, length);
  const reverse = context.string('direction', 'forward') === 'reverse';
  const steps = Array.from({ length: layer.directions }, (_, d) => cell.direction(layer, d));
  const projected = project(layer, x, steps);
  const outputs = steps.map((step, d) => {
    const initial = cell.states.map((position) => {
      const given = context.optional(position);
      return given && !context.alwaysZero(given) ? layer.of(move(given, [1, 0, 2]), d) : undefined;
    });
    const width = cell.gates * layer.hidden;
    const own = (t: number) => {
      const ends = [t + 1, (d + 1) * width];
      const part = context.emit('Slice', [projected], {
        axes: [0, 2],
        starts: [t, d * width],
        ends,
        steps: [1, 1],
      });
      return context.emit('Squeeze', [part], { axes: [0] });
    };
    return run(layer, step, initial, own, { length, lengths, reverse: reverse || d === 1 });
  });
  const joined = (values: readonly Value[], axis: number) =>
    values.length === 1 ? at(values, 0) : context.emit('Concat', values, { axis });
  const unsqueezed = (value: Value, axes: readonly number[]) => context.emit('Unsqueeze', [value], { axes });
  if (context.node.outputs[0]) {
    const all = outputs.map(({ sequence }) =>
      joined(
        sequence.map((h) => unsqueezed(h, [0, 1])),
        0,
      ),
    );
    const y = joined(all, 1);
    const missing = length - at(outputs, 0).sequence.length;
    const pads = [0, 0, 0, 0, missing, 0, 0, 0];
    const full = missing === 0 ? y : context.emit('Pad', [y], { pads, value: 0 });
    context.result(move(full, [2, 0, 1, 3]), 0);
  }
  cell.states.forEach((_, i) => {
    if (!context.node.outputs[i + 1]) return;
    const last = outputs.map(({ last }) => unsqueezed(at(last, i), [0]));
    context.result(move(joined(last, 0), [1, 0, 2]), i + 1);
  });
}

/** The products of all inputs with the weights of all gates and directions, with what bias goes with them. */
function project(layer: Layer, x: Value, steps: readonly Step[]): Value {
  const { context } = layer;
  const w = context.input(1);
  const [directions, rows] = context.shape(w);
  if (directions !== layer.directions || rows !== layer.cell.gates * layer.hidden)
    context.fail(`W of ${rows} rows for ${directions} directions`);
  const all = context.emit('Reshape', [w], {
    shape: [layer.directions * layer.cell.gates * layer.hidden, -1],
    allowZero: false,
  });
  const product = multiply(context, x, swapLast(context, all));
  const biases = steps.map(({ bias }) => bias);
  if (!biases.every((bias) => bias !== undefined)) return product;
  return layer.add(product, biases.length === 1 ? biases[0] : context.emit('Concat', biases, { axis: 0 }));
}

interface Course {
  readonly length: number;
  readonly lengths: readonly number[] | undefined;
  readonly reverse: boolean;
}

/** All steps of a direction: the first state after each step that any sequence has, by time, and the states at the end. */
function run(
  layer: Layer,
  step: Step,
  initial: State,
  projected: (t: number) => Value,
  { length, lengths, reverse }: Course,
): { readonly sequence: readonly Value[]; readonly last: readonly Value[] } {
  const { context } = layer;
  const times = Array.from({ length: lengths ? Math.max(...lengths) : length }, (_, t) => t);
  const sequence = new Array<Value>(times.length);
  let state: State = initial;
  for (const t of reverse ? times.toReversed() : times) {
    const rows = lengths && partOf(lengths, t);
    if (rows === undefined) {
      state = step.next(projected(t), state);
      sequence[t] = state[0] as Value;
      continue;
    }
    const some = (value: Value, indices: readonly number[]) =>
      context.emit('Take', [value], { axis: 0, indices, shape: [indices.length] });
    const before = state;
    const made = step.next(
      some(projected(t), rows.active),
      before.map((value) => value && some(value, rows.active)),
    );
    const padded = made.map((value) => {
      const pads = [0, 0, rows.others.length, 0];
      return some(context.emit('Pad', [value], { pads, value: 0 }), rows.places);
    });
    sequence[t] = padded[0] as Value;
    state = made.map((value, i) => {
      const old = before[i];
      if (old === undefined) return padded[i];
      return some(context.emit('Concat', [value, some(old, rows.others)], { axis: 0 }), rows.places);
    });
  }
  return { sequence, last: state as readonly Value[] };
}

/** The rows that have a step at t; undefined if all of them have. */
function partOf(lengths: readonly number[], t: number) {
  const all = Array.from(lengths.keys());
  const active = all.filter((row) => t < at(lengths, row));
  if (active.length === all.length) return undefined;
  const others = all.filter((row) => t >= at(lengths, row));
  const order = [...active, ...others];
  return { active, others, places: all.map((row) => order.indexOf(row)) };
}

function lengthOf(context: NodeContext, x: Value): number {
  const [length] = context.shape(x);
  if (typeof length !== 'number')
    return context.fail(
      `the length ${length} of the sequence must be known: give it with the option inputShapes`,
    );
  if (length === 0) context.fail('the sequence is empty');
  return length;
}

/** The lengths of the sequences, if they are not all the same as the longest. */
function lengthsOf(context: NodeContext, x: Value, length: number): readonly number[] | undefined {
  const listed = context.optional(4);
  if (listed === undefined) return undefined;
  const lengths = context.constantInts(listed, 'sequence_lens');
  const rows = context.shape(x)[1];
  if (lengths.every((l) => l === length)) return undefined;
  if (lengths.length !== rows) context.fail(`${lengths.length} lengths for a batch of ${rows}`);
  if (!lengths.every((l) => Number.isInteger(l) && l >= 1 && l <= length))
    context.fail(`sequence_lens [${lengths}] of ${length}`);
  return lengths;
}
