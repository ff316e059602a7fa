/** One of two values, by whether a place is the one that an index names. */
import { normalizeAxis, plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

/** Up to so many places are compared with a secret index, which takes the fewest rounds. */
const MOST_COMPARED = 16;

export const oneHotOnnx: OnnxOperator = {
  name: 'OneHot',
  opsets: [9, ALL_OPSETS[1]],
  note: 'constant depth; secret indices cost the rounds of Equal, or from depth 17 on of Clip and OneHot',
  convert(context) {
    const [indices, values] = [context.input(0), context.input(2)];
    const depth = context.scalar(context.input(1), 'depth');
    if (!Number.isInteger(depth) || depth < 1) context.fail(`depth is ${depth}`);
    const rank = context.rank(indices) + 1;
    const axis = normalizeAxis(context.int('axis', -1), rank);
    const hits =
      indices.kind === 'secret' && depth > MOST_COMPARED
        ? dealtHits(context, indices, depth, axis)
        : comparedHits(context, indices, depth, axis);
    const [off, on] = [0, 1].map((i) =>
      context.emit('Slice', [values], { axes: [0], starts: [i], ends: [i + 1], steps: [1] }),
    );
    const scaled = context.emit(
      'Mul',
      [context.emit('Add', hits, {}), context.emit('Sub', [on, off], {})],
      {},
    );
    context.result(context.emit('Add', [scaled, off], {}, values.type));
  },
};

/** Where an index is a place, counted from the front, and where it is one counted from the back. */
function comparedHits(context: NodeContext, indices: Value, depth: number, axis: number): Value[] {
  const rank = context.rank(indices) + 1;
  const along = Array.from({ length: rank }, (_, i) => (i === axis ? depth : 1));
  const lone = context.emit('Unsqueeze', [indices], { axes: [axis] });
  return [0, depth].map((shift) => {
    const places = plainTensor(
      along,
      Array.from({ length: depth }, (_, i) => i - shift),
    );
    return context.emit('Equal', [lone, context.makeConstant('places', places)], {}, 'float');
  });
}

/** The same from one-hot rows of -depth - 1 to depth, whose ends stand for all that is out of range. */
function dealtHits(context: NodeContext, indices: Value, depth: number, axis: number): Value[] {
  const rank = context.rank(indices) + 1;
  const inside = context.emit('Clip', [indices], { min: -depth - 1, max: depth });
  const shift = context.makeConstant('shift', plainTensor([], [depth + 1]));
  const rows = context.emit('OneHot', [context.emit('Add', [inside, shift], {})], { depth: 2 * depth + 2 });
  const order = Array.from({ length: rank - 1 }, (_, i) => i);
  order.splice(axis, 0, rank - 1);
  return [depth + 1, 1].map((start) => {
    const half = context.emit(
      'Slice',
      [rows],
      { axes: [rank - 1], starts: [start], ends: [start + depth], steps: [1] },
      'float',
    );
    return axis === rank - 1 ? half : context.emit('Transpose', [half], { perm: order }, 'float');
  });
}
