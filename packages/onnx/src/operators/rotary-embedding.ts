/** Rotary position embedding: pairs of elements turned by angles that grow with the position. */
import { plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';
import { readIndices } from './indices.js';

export const rotaryEmbeddingOnnx: OnnxOperator = {
  name: 'RotaryEmbedding',
  opsets: [23, MAX_OPSET],
  note: 'interleaved, rotary_embedding_dim; public position_ids; becomes two Mul',
  convert(context) {
    const given = context.input(0);
    const flat = context.rank(given) === 3;
    const heads = context.int('num_heads', 0);
    if (flat && heads < 1) context.fail(`num_heads is ${heads}`);
    // [batch, sequence, heads, width]
    const x = flat
      ? context.emit('Reshape', [given], { shape: [0, 0, heads, -1], allowZero: false })
      : context.emit('Transpose', [given], { perm: [0, 2, 1, 3] });
    const width = context.shape(x)[3];
    if (typeof width !== 'number') return context.fail(`the size ${width} of a head must be known`);
    const turned = context.int('rotary_embedding_dim', 0) || width;
    if (turned > width || turned % 2 !== 0) context.fail(`rotary_embedding_dim is ${turned} of ${width}`);
    const y = rotated(context, part(context, x, 0, turned), turned);
    const whole =
      turned === width ? y : context.emit('Concat', [y, part(context, x, turned, width)], { axis: 3 });
    context.result(
      flat
        ? context.emit('Reshape', [whole], { shape: [0, 0, -1], allowZero: false })
        : context.emit('Transpose', [whole], { perm: [0, 2, 1, 3] }),
    );
  },
};

const part = (context: NodeContext, x: Value, start: number, end: number): Value =>
  context.emit('Slice', [x], { axes: [3], starts: [start], ends: [end], steps: [1] });

/** x cos + (x with the elements of pairs exchanged) (-sin, sin) */
function rotated(context: NodeContext, x: Value, width: number): Value {
  const interleaved = context.int('interleaved', 0) !== 0;
  const half = width / 2;
  const all = Array.from({ length: width }, (_, i) => i);
  const exchanged = all.map((i) => (interleaved ? i ^ 1 : (i + half) % width));
  const angles = all.map((i) => (interleaved ? i >> 1 : i % half));
  const signs = all.map((i) => ((interleaved ? i % 2 === 0 : i < half) ? -1 : 1));
  const take = (value: Value, indices: readonly number[]) =>
    context.emit('Take', [value], { axis: 3, indices, shape: [width] });
  const cos = take(cache(context, 1), angles);
  const sign = context.makeConstant('signs', plainTensor([width], signs));
  const sin = context.emit('Mul', [take(cache(context, 2), angles), sign], {});
  const straight = context.emit('Mul', [x, cos], {});
  return context.emit('Add', [straight, context.emit('Mul', [take(x, exchanged), sin], {})], {});
}

/** Cosines or sines of the positions: [batch, sequence, 1, half of the width]. */
function cache(context: NodeContext, index: number): Value {
  const values = context.input(index);
  const positions = context.optional(3);
  const own = positions
    ? context.emit('Take', [values], { axis: 0, ...readIndices(context, positions) })
    : values;
  return context.emit('Unsqueeze', [own], { axes: [2] });
}
