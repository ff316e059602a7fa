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
  derivative: (k, x, _y, dy) => k.div(dy, k.square(k.add(k.abs(x), 1)), { integer: false }),
  onnx: onnx('Softsign'),
});

export const methods = {};
