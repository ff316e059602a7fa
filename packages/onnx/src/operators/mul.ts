/** x * y with broadcasting; x * x becomes Square. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const mulOnnx: OnnxOperator = {
  name: 'Mul',
  opsets: ALL_OPSETS,
  note: 'x * x becomes Square',
  convert(context) {
    const [x, y] = [context.input(0), context.input(1)];
    context.result(x === y ? context.emit('Square', [x], {}) : context.emit('Mul', [x, y], {}));
  },
};
