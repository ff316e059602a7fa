/** log(1 + exp(x)): max(x, 0) and a piecewise polynomial, side by side. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Softplus'> = unary({
  op: 'Softplus',
  summary: 'log(1 + exp(x))',
  plain: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  monotone: true,
  accuracy: { maxError: 2.6e-4 },
  derivative: (k, x, _y, dy) => k.mul(k.sigmoid(x), dy),
  onnx: onnx('Softplus'),
});

export const methods = {
  /**
   * log(1 + exp(x)), at most 2.6e-4 off for every x, exactly 0 or x for |x| > 9. Rounds: those of a ReLU and one.
   * @returns the shape of x
   */
  softplus: () => ({ attributes: {} }),
};
