/** x / (1 + |x|). */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Softsign'> = unary({
  op: 'Softsign',
  summary: 'x / (1 + |x|)',
  plain: (x) => x / (1 + Math.abs(x)),
  monotone: true,
  accuracy: { maxError: 2 ** -9 },
  expand: (k, [x]) => [k.div(x, k.add(k.abs(x), 1), { integer: false })],
  // The square of a large divisor would leave the range.
  derivative: (k, x, _y, dy) => {
    const divisor = k.add(k.abs(x), 1);
    return k.div(k.div(dy, divisor, { integer: false }), divisor, { integer: false });
  },
  onnx: onnx('Softsign'),
});

export const methods = {};
