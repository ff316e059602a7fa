/** Exponential: a public power of two times a dealt one, for all numbers at once. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Exp'> = unary({
  op: 'Exp',
  summary: 'exp(x), for x <= 10 on secrets',
  plain: Math.exp,
  monotone: true,
  accuracy: { domain: [-(2 ** 28), 10], maxError: 3 * 2 ** -16, relative: 2 ** -13 },
  derivative: (k, _x, y, dy) => k.mul(y, dy),
  onnx: onnx('Exp', undefined, 'secrets up to 10; from 10.25 on the result is 32768'),
});

export const methods = {
  /**
   * exp(x), for x up to 10 at most 6.2e-5 of it and 1.6 units in the last place off (at 16 fraction bits). Exactly 0 below
   * -11.875 and exactly 32768 from 10.25 on, within 1/8 of those either that or exp(x); for any |x| < 2^30. Four rounds for
   * up to 640 elements, else five, by default; so for a product.
   * @returns the shape of x
   * @example x.sub(x.max(1, { keepDims: true })).exp()
   */
  exp: () => ({ attributes: {} }),
};
