/** Selection by public index; on secret data a constant index becomes Slice. */
import { at, normalizeIndex } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

/** More slices than this are better written as another network. */
const MAX_SLICES = 256;

export const gatherOnnx: OnnxOperator = {
  name: 'Gather',
  opsets: ALL_OPSETS,
  note: 'public values; secret ones by constant index (becomes Slice)',
  convert(context) {
    const [x, indices] = [context.input(0), context.input(1)];
    const [axis = 0] = context.axes([context.int('axis', 0)], context.rank(x));
    if (x.kind !== 'secret') {
      context.result(context.emit('Gather', [x, indices], { axis }, x.type));
      return;
    }
    const { shape, data } = context.constant(indices, 'the index');
    if (shape.length > 1 || data.length === 0 || data.length > MAX_SLICES)
      context.fail(`indices of shape [${shape.join(', ')}] into secret data`);
    const size = at(context.shape(x), axis);
    const parts = Array.from(data, (index) => {
      // From the end, an index needs a known size only to be checked.
      const start = typeof size === 'number' ? normalizeIndex(index, size) : index;
      const end = start === -1 ? Infinity : start + 1;
      return context.emit('Slice', [x], { axes: [axis], starts: [start], ends: [end], steps: [1] });
    });
    const first = at(parts, 0);
    if (shape.length === 0) context.result(context.emit('Squeeze', [first], { axes: [axis] }));
    else context.result(parts.length === 1 ? first : context.emit('Concat', parts, { axis }));
  },
};
