/** Scaled dot-product attention: softmax(softcap(scale Q K^T) + mask) V, of several heads. */
import { at, isNumeric, plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';

const number = (context: NodeContext, name: string, value: number) =>
  context.makeConstant(name, plainTensor([], [value]));

export const attentionOnnx: OnnxOperator = {
  name: 'Attention',
  opsets: [23, MAX_OPSET],
  note: 'known sizes; nonpad_kv_seqlen constant; becomes MatMul and Softmax. Rows that a constant mask hides altogether give 0',
  convert(context) {
    context.ignore('softmax_precision');
    const [given, keys, values] = [context.input(0), context.input(1), context.input(2)];
    const flat = context.rank(given) === 3;
    const q = inHeads(context, given, 'q_num_heads');
    const key = withPast(context, inHeads(context, keys, 'kv_num_heads'), 4);
    const value = withPast(context, inHeads(context, values, 'kv_num_heads'), 5);
    const sizes = readSizes(context, q, key);
    const scale = context.float('scale', 1 / Math.sqrt(sizes.width));
    const grouped = inGroups(
      context,
      context.emit('Mul', [q, number(context, 'scale', scale)], {}),
      sizes,
      'in',
    );
    const transposed = context.emit('Transpose', [key], { perm: [0, 1, 3, 2] });
    const raw = inGroups(context, context.emit('MatMul', [grouped, transposed], {}), sizes, 'out');
    const capped = softcap(context, raw);
    const mask = maskOf(context, sizes, context.shape(context.input(1)).at(-2));
    const masked = mask ? context.emit('Add', [capped, mask], {}) : capped;
    const softmax = context.emit('Softmax', [masked], { axis: 3 });
    const hidden = mask && shownRows(context, mask);
    const weights = hidden ? context.emit('Mul', [softmax, hidden], {}) : softmax;
    const product = context.emit('MatMul', [inGroups(context, weights, sizes, 'in'), value], {});
    const y = inGroups(context, product, sizes, 'out');
    context.forward(flat ? joined(context, y) : y);
    context.forward(key, 1);
    context.forward(value, 2);
    const stages = [raw, capped, masked, weights];
    const mode = context.int('qk_matmul_output_mode', 0);
    const stage = stages[mode] ?? context.fail(`qk_matmul_output_mode is ${mode}`);
    context.forward(stage, 3);
  },
};

/** [batch, sequence, heads * width] as [batch, heads, sequence, width]. */
function inHeads(context: NodeContext, x: Value, name: string): Value {
  if (context.rank(x) === 4) return x;
  if (context.rank(x) !== 3) context.fail('the inputs have 3 or 4 axes');
  const heads = context.int(name, 0);
  if (heads < 1) context.fail(`${name} is ${heads}`);
  const split = context.emit('Reshape', [x], { shape: [0, 0, heads, -1], allowZero: false });
  return context.emit('Transpose', [split], { perm: [0, 2, 1, 3] });
}

function joined(context: NodeContext, y: Value): Value {
  const moved = context.emit('Transpose', [y], { perm: [0, 2, 1, 3] });
  return context.emit('Reshape', [moved], { shape: [0, 0, -1], allowZero: false });
}

function withPast(context: NodeContext, x: Value, index: number): Value {
  const past = context.optional(index);
  return past ? context.emit('Concat', [past, x], { axis: 2 }) : x;
}

interface Sizes {
  readonly batch: number | string;
  readonly heads: number;
  readonly keyHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
}

function readSizes(context: NodeContext, q: Value, key: Value): Sizes {
  const [batch, heads, queries, width] = context.shape(q);
  const [, keyHeads, keys] = context.shape(key);
  const known = [heads, keyHeads, queries, keys, width];
  if (!isNumeric(known) || batch === undefined)
    return context.fail(`the sizes [${known}] must be known: give them with the option inputShapes`);
  const [h, kh, l, s, w] = known as [number, number, number, number, number];
  if (kh < 1 || h % kh !== 0) context.fail(`${h} heads of queries do not divide into ${kh} of keys`);
  return { batch, heads: h, keyHeads: kh, queries: l, keys: s, width: w };
}

/** Heads that share keys, as more queries of one head, so that keys are not repeated; and back. */
function inGroups(context: NodeContext, x: Value, sizes: Sizes, way: 'in' | 'out'): Value {
  const { heads, keyHeads, queries } = sizes;
  if (heads === keyHeads) return x;
  const shape = way === 'in' ? [0, keyHeads, (heads / keyHeads) * queries, -1] : [0, heads, queries, -1];
  return context.emit('Reshape', [x], { shape, allowZero: false });
}

function softcap(context: NodeContext, x: Value): Value {
  const cap = context.float('softcap', 0);
  if (cap === 0) return x;
  const inner = context.emit('Mul', [x, number(context, 'inverse', 1 / cap)], {});
  return context.emit('Mul', [context.emit('Tanh', [inner], {}), number(context, 'cap', cap)], {});
}

/** What is added to the scores. */
function maskOf(context: NodeContext, sizes: Sizes, newKeys: number | string | undefined): Value | undefined {
  const given = context.optional(3);
  const added = given && additive(context, given, sizes.keys);
  const hidden = structure(context, sizes, newKeys);
  return added && hidden ? context.emit('Add', [added, hidden], {}) : (added ?? hidden);
}

/** A mask of truth values or numbers, of as many columns as there are keys: what it lacks is hidden. */
function additive(context: NodeContext, mask: Value, keys: number): Value {
  const numbers =
    mask.type === 'bool'
      ? context.emit(
          'Where',
          [mask, number(context, 'shown', 0), number(context, 'hidden', -Infinity)],
          {},
          'float',
        )
      : mask;
  const shape = context.shape(numbers);
  const columns = shape.at(-1);
  if (typeof columns !== 'number' || columns >= keys || columns === 1) return numbers;
  const pads = new Array<number>(2 * shape.length).fill(0);
  pads[pads.length - 1] = keys - columns;
  return context.emit('Pad', [numbers], { pads, value: -Infinity });
}

/** -Infinity where a key comes after a query, or lies in the padding. */
function structure(
  context: NodeContext,
  { queries, keys }: Sizes,
  newKeys: number | string | undefined,
): Value | undefined {
  const causal = context.int('is_causal', 0) !== 0;
  const listed = context.opset >= 24 ? context.optional(6) : undefined;
  const lengths = listed && context.constantInts(listed, 'nonpad_kv_seqlen');
  if (!causal && lengths === undefined) return undefined;
  const past = keys - (typeof newKeys === 'number' ? newKeys : keys);
  const rows = lengths ?? [keys];
  const data = new Float64Array(rows.length * queries * keys).map((_, index) => {
    const [b, i, j] = [
      Math.floor(index / (queries * keys)),
      Math.floor(index / keys) % queries,
      index % keys,
    ];
    const length = at(rows, b);
    // Queries are the last ones of what is there.
    const before = lengths ? length - queries : past;
    return j >= length || (causal && j > i + before) ? -Infinity : 0;
  });
  return context.makeConstant('structure', { shape: [rows.length, 1, queries, keys], data });
}

/** Zeros for rows that a constant mask hides altogether; undefined if there are none. */
function shownRows(context: NodeContext, mask: Value): Value | undefined {
  if (mask.kind !== 'constant') return undefined;
  const { shape, data } = mask.tensor;
  const columns = shape.at(-1) ?? 1;
  if (columns === 0) return undefined;
  const shown = Array.from({ length: data.length / columns }, (_, row) =>
    data.subarray(row * columns, (row + 1) * columns).every((v) => v === -Infinity) ? 0 : 1,
  );
  if (!shown.includes(0)) return undefined;
  return context.makeConstant('shown', plainTensor([...shape.slice(0, -1), 1], shown));
}
