/** -1, 0 or 1, exact. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Sign'> = unary({
  op: 'Sign',
  summary: '-1, 0 or 1',
  plain: Math.sign,
  monotone: true,
  expand: (k, [x]) => [k.sub(k.greaterOrEqual(x, 0), k.lessOrEqual(x, 0))],
  derivative: () => undefined,
  onnx: onnx('Sign', 9),
});

export const methods = {
  /**
   * -1, 0 or 1, exact, in the rounds of a ReLU.
   * @returns the shape of x
   */
  sign: () => ({ attributes: {} }),
};
