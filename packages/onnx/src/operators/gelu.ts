/** Gelu, exact or by a hyperbolic tangent. */
import { MAX_OPSET, type OnnxOperator } from '../operator.js';

export const geluOnnx: OnnxOperator = {
  name: 'Gelu',
  opsets: [20, MAX_OPSET],
  note: '',
  convert(context) {
    const approximate = context.string('approximate', 'none');
    if (approximate !== 'none' && approximate !== 'tanh')
      return context.fail(`approximate is ${JSON.stringify(approximate)}`);
    context.result(context.emit('Gelu', [context.input(0)], { approximate }));
  },
};
