/** Einstein sums. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const einsumOnnx: OnnxOperator = {
  name: 'Einsum',
  opsets: [12, ALL_OPSETS[1]],
  note: 'equation, also with "..."; any number of operands',
  convert(context) {
    const inputs = Array.from({ length: context.inputCount }, (_, index) => context.input(index));
    context.result(context.emit('Einsum', inputs, { equation: context.string('equation', '') }));
  },
};
