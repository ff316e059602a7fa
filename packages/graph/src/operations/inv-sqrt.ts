/** The reciprocal of the square root, by normalisation: right over all magnitudes. */
import type { OperationDefinition } from '../operation/definition.js';
import { unary } from './shared/elementwise.js';
import { fallingBounds, positiveExamples } from './shared/positive.js';

const inverse = (x: number): number => 1 / Math.sqrt(x);

export const definition: OperationDefinition<'InvSqrt'> = {
  ...unary({
    op: 'InvSqrt',
    summary: '1 / square root',
    plain: inverse,
    accuracy: { domain: [2 ** -14, 2 ** 28], maxError: 2 ** -15, relative: 2 ** -10 },
    // One after the other: y^3 has hardly a bit where y is small.
    derivative: (k, _x, y, dy) => k.mul(k.mul(k.mul(k.mul(dy, y), y), y), -0.5),
    bounds: fallingBounds(inverse),
  }),
  examples: positiveExamples,
};

export const methods = {
  /**
   * 1 / sqrt(x) for x from 2^-14 up (at 16 fraction bits), at most 2^-10 of it or 2^-15 off; of anything smaller, 0 and
   * negative numbers included, that of 2^-14, which is 128. Products of it and another
   * secret are right to 2^-10 of them, too. Rounds: those of a ReLU and five.
   * @returns the shape of x
   */
  invSqrt: () => ({ attributes: {} }),
};
