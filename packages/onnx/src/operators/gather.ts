/** Selection by public index. */
import { at, normalizeIndex } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readIndices } from './indices.js';

export const gatherOnnx: OnnxOperator = {
  name: 'Gather',
  opsets: ALL_OPSETS,
  note: 'indices constant or computed from shapes',
  convert(context) {
    const [x, indices] = [context.input(0), context.input(1)];
    const [axis = 0] = context.axes([context.int('axis', 0)], context.rank(x));
    if (x.kind !== 'secret' && indices.kind !== 'secret') {
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
