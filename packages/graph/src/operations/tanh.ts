/** Hyperbolic tangent; made like the sigmoid. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Tanh'> = unary({
  op: 'Tanh',
  summary: 'tanh(x)',
  plain: Math.tanh,
  monotone: true,
  accuracy: { maxError: 1.9e-4 },
  derivative: (k, _x, y, dy) => k.mul(k.sub(1, k.square(y)), dy),
  onnx: onnx('Tanh'),
});

export const methods = {
  /**
   * tanh(x), at most 1.9e-4 off for every x, exactly -1 or 1 for |x| > 5.5. Rounds as sigmoid.
   * @returns the shape of x
   */
  tanh: () => ({ attributes: {} }),
};
