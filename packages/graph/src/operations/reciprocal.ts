/** 1 / x of both signs, by normalisation: right over all magnitudes. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';
import { fallingBounds, positiveExamples } from './shared/positive.js';

const inverse = (x: number): number => 1 / x;

export const definition: OperationDefinition<'Reciprocal'> = {
  ...unary({
    op: 'Reciprocal',
    summary: '1 / x',
    plain: inverse,
    accuracy: { domain: [2 ** -8, 2 ** 28], maxError: 2 ** -15, relative: 2 ** -10 },
    derivative: (k, _x, y, dy) => k.neg(k.mul(k.square(y), dy)),
    bounds: fallingBounds(inverse),
    onnx: onnx('Reciprocal'),
  }),
  examples: [...positiveExamples, { shapes: [[4]], attributes: {}, values: [-0.5, 2, -8, 1, -1000] }],
};

export const methods = {
  /**
   * 1 / x for |x| from 2^-8 up (at 16 fraction bits), at most 2^-10 of it or 2^-15 off; a smaller number counts as 2^-8
   * with its sign, 0 as positive. Rounds: those of a ReLU and five.
   * @returns the shape of x
   */
  reciprocal: () => ({ attributes: {} }),
};
