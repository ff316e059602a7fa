/** The lower or upper triangle of the matrices of the last two axes; zeros elsewhere. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const triluOnnx: OnnxOperator = {
  name: 'Trilu',
  opsets: [14, ALL_OPSETS[1]],
  note: 'upper; constant k',
  convert(context) {
    const diagonal = context.optional(1);
    const k = diagonal === undefined ? 0 : context.scalar(diagonal, 'k');
    const upper = context.int('upper', 1) !== 0;
    context.result(context.emit('Trilu', [context.input(0)], { k, upper }));
  },
};
