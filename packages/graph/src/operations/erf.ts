/** The error function: a piecewise polynomial, with one opening for all thresholds. */
import type { OperationDefinition } from '../operation/definition.js';
import { erf } from '../plain/normal.js';
import { onnx, unary } from './shared/elementwise.js';

/** The function is flat beyond. */
const NEAR = 8;

export const definition: OperationDefinition<'Erf'> = unary({
  op: 'Erf',
  summary: 'erf(x)',
  plain: erf,
  monotone: true,
  accuracy: { maxError: 2.4e-4 },
  // 2 / sqrt(pi) exp(-x^2). The square of a large x would leave the range.
  derivative: (k, x, _y, dy) => {
    const near = k.clip(x, { min: -NEAR, max: NEAR });
    return k.mul(k.mul(k.exp(k.neg(k.square(near))), 2 / Math.sqrt(Math.PI)), dy);
  },
  onnx: onnx('Erf', 9),
});

export const methods = {
  /**
   * The error function, at most 2.4e-4 off for every x, exactly -1 or 1 for |x| > 2.75. Rounds: those of a ReLU and one.
   * @returns the shape of x
   */
  erf: () => ({ attributes: {} }),
};
