/** The square root, by normalisation: right over all magnitudes. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';
import { positiveExamples } from './shared/positive.js';

export const definition: OperationDefinition<'Sqrt'> = {
  ...unary({
    op: 'Sqrt',
    summary: 'square root',
    plain: Math.sqrt,
    monotone: true,
    accuracy: { domain: [2 ** -14, 2 ** 28], maxError: 2 ** -15, relative: 2 ** -10 },
    derivative: (k, x, _y, dy) => k.mul(k.mul(dy, k.invSqrt(x)), 0.5),
    onnx: onnx('Sqrt'),
  }),
  examples: positiveExamples,
};

export const methods = {
  /**
   * The square root of x from 2^-14 up (at 16 fraction bits), at most 2^-10 of it or 2^-15 off; 0 for anything smaller.
   * Rounds: those of a ReLU and five.
   * @returns the shape of x
   */
  sqrt: () => ({ attributes: {} }),
};
