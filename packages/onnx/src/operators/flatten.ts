/** To a matrix: axes before `axis` become the rows. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const flattenOnnx: OnnxOperator = {
  name: 'Flatten',
  opsets: ALL_OPSETS,
  note: '',
  convert(context) {
    const x = context.input(0);
    const axis = context.int('axis', 1);
    const rank = context.rank(x);
    if (axis < -rank || axis > rank) context.fail(`axis ${axis} of ${rank} dimensions`);
    context.result(context.emit('Flatten', [x], { axis: axis < 0 ? axis + rank : axis }));
  },
};
