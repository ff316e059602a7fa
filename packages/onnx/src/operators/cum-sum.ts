/** Sums of the elements of an axis up to each. */
import { normalizeAxis } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const cumSumOnnx: OnnxOperator = {
  name: 'CumSum',
  opsets: [11, ALL_OPSETS[1]],
  note: 'constant axis; exclusive, reverse',
  convert(context) {
    const x = context.input(0);
    const axis = normalizeAxis(context.scalar(context.input(1), 'axis'), context.rank(x));
    const exclusive = context.int('exclusive', 0) !== 0;
    const reverse = context.int('reverse', 0) !== 0;
    context.result(context.emit('CumSum', [x], { axis, exclusive, reverse }));
  },
};
