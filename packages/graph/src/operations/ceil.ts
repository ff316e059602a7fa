/** The next whole number above. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Ceil'> = unary({
  op: 'Ceil',
  summary: 'smallest integer above',
  plain: (x) => Math.ceil(x) + 0,
  monotone: true,
  expand: (k, [x]) => [k.neg(k.floor(k.neg(x)))],
  derivative: () => undefined,
  onnx: onnx('Ceil'),
});

export const methods = {
  /**
   * The smallest integer that is not smaller, in the rounds of `floor`.
   * @returns the shape of x
   */
  ceil: () => ({ attributes: {} }),
};
