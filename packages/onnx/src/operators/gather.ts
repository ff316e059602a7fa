/** Selection by public index, and by private ones: rows of a table, as of an embedding. */
import { at, normalizeIndex, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readIndices } from './indices.js';

export const gatherOnnx: OnnxOperator = {
  name: 'Gather',
  opsets: ALL_OPSETS,
  note: 'secret indices count from the front; others constant or computed from shapes',
  convert(context) {
    const [x, indices] = [context.input(0), context.input(1)];
    const [axis = 0] = context.axes([context.int('axis', 0)], context.rank(x));
    if (indices.kind === 'secret') {
      context.result(lookedUp(context, x, indices, axis));
      return;
    }
    if (x.kind !== 'secret') {
      context.result(context.emit('Gather', [x, indices], { axis }, x.type));
      return;
    }
    if (indices.kind !== 'constant' || indices.shape.length > 0) {
      context.result(context.emit('Take', [x], { axis, ...readIndices(context, indices) }));
      return;
    }
    // One part is a slice, which stays a view of what it is of.
    const [size, index] = [at(context.shape(x), axis), context.scalar(indices, 'the index')];
    // From the end, an index needs a known size only to be checked.
    const start = typeof size === 'number' ? normalizeIndex(index, size) : index;
    const end = start === -1 ? Infinity : start + 1;
    const part = context.emit('Slice', [x], { axes: [axis], starts: [start], ends: [end], steps: [1] });
    context.result(context.emit('Squeeze', [part], { axes: [axis] }));
  },
};

/** Parts of an axis at private places: the axis is brought to the front, and the places go where it was. */
function lookedUp(context: NodeContext, x: Value, indices: Value, axis: number): Value {
  const [rank, added] = [context.rank(x), context.rank(indices)];
  const axes = Array.from({ length: rank }, (_, i) => i);
  const before = axes.slice(0, axis);
  const table =
    axis === 0 ? x : context.emit('Transpose', [x], { perm: [axis, ...axes.filter((i) => i !== axis)] });
  const found = context.emit('Lookup', [table, indices], { oneHot: false }, x.type);
  if (axis === 0) return found;
  const perm = [
    ...before.map((i) => added + i),
    ...Array.from({ length: added }, (_, i) => i),
    ...axes.slice(axis + 1).map((i) => added + i - 1),
  ];
  return context.emit('Transpose', [found], { perm }, x.type);
}
