/** The natural logarithm, by normalisation: right over all magnitudes. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';
import { positiveExamples } from './shared/positive.js';

export const definition: OperationDefinition<'Log'> = {
  ...unary({
    op: 'Log',
    summary: 'log(x)',
    plain: Math.log,
    monotone: true,
    accuracy: { domain: [2 ** -14, 2 ** 28], maxError: 2 ** -10 },
    derivative: (k, x, _y, dy) => k.div(dy, x, { integer: false }),
    onnx: onnx('Log'),
  }),
  examples: positiveExamples,
};

export const methods = {
  /**
   * log(x) for x from 2^-14 up (at 16 fraction bits), at most 2^-10 off; of anything smaller, 0 and negative numbers
   * included, the logarithm of 2^-14. Rounds: those of a ReLU and three.
   * @returns the shape of x
   */
  log: () => ({ attributes: {} }),
};
