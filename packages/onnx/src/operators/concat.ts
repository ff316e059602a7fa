/** Joins values along an axis. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const concatOnnx: OnnxOperator = {
  name: 'Concat',
  opsets: ALL_OPSETS,
  note: '',
  convert(context) {
    const listed = context.int('axis', 0);
    if (!context.has('axis')) context.reject('axis is missing');
    const inputs = Array.from({ length: context.inputCount }, (_, index) => context.input(index));
    const rank = context.rank(context.input(0));
    const [axis] = context.axes([listed], rank);
    context.result(context.emit('Concat', inputs, { axis: axis ?? 0 }));
  },
};
