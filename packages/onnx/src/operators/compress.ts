/** Parts of an axis where a public condition holds. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const compressOnnx: OnnxOperator = {
  name: 'Compress',
  opsets: [9, ALL_OPSETS[1]],
  note: 'constant condition; becomes Take',
  convert(context) {
    const x = context.input(0);
    const { data } = context.constant(context.input(1), 'the condition');
    const [axis = null] = context.has('axis') ? context.axes([context.int('axis', 0)], context.rank(x)) : [];
    const indices = Array.from(data.keys()).filter((i) => data[i] !== 0);
    context.result(context.emit('Take', [x], { axis, indices, shape: [indices.length] }));
  },
};
