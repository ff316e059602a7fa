/** x times the normal distribution function: max(x, 0) and a piecewise polynomial, side by side. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operations } from '../operation/operations.js';
import { normalDistribution } from '../plain/normal.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';
import { smoothReluBounds } from './shared/smooth-relu.js';

interface GeluAttributes {
  /** By the error function, or by a hyperbolic tangent that is at most 5e-4 off. */
  readonly approximate: 'none' | 'tanh';
}

const byTanh = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

const exact = (x: number): number => x * normalDistribution(x);

/** Hendrycks, Gimpel: "Gaussian Error Linear Units", 2016. */
export const definition: OperationDefinition<'Gelu', GeluAttributes> = {
  op: 'Gelu',
  summary: 'x Phi(x), Phi the normal distribution function',
  attributes: { approximate: ['none', 'tanh'] },
  arity: [1, 1],
  accuracy: { maxError: 2.4e-4 },
  infer: (inputs) => [at(inputs, 0)],
  evaluate: ([x], { approximate }) => [map(x, approximate === 'tanh' ? byTanh : exact)],
  gradient: (k, { inputs: [x], dy: [dy], attributes: { approximate } }) => [
    k.mul(approximate === 'tanh' ? slopeByTanh(k, x) : slope(k, x), dy),
  ],
  bounds: (inputs, { approximate }) =>
    smoothReluBounds(approximate === 'tanh' ? byTanh : exact, -0.1701)(inputs),
  examples: [[6], [2, 3], [], [0]].flatMap((shape) =>
    (['none', 'tanh'] as const).map((approximate) => ({ shapes: [shape], attributes: { approximate } })),
  ),
};

/** The function is 0 or x beyond, and powers of large numbers would leave the range. */
const NEAR = 8;
const near = <T>(k: Operations<T>, x: T): T => k.clip(x, { min: -NEAR, max: NEAR });

/** Phi(x) + x phi(x), phi being the density. */
function slope<T>(k: Operations<T>, given: T): T {
  const x = near(k, given);
  const distribution = k.mul(k.add(k.erf(k.mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = k.mul(k.exp(k.mul(k.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return k.add(distribution, k.mul(x, density));
}

/** (1 + t + x (1 - t^2) u') / 2 with t = tanh(u). */
function slopeByTanh<T>(k: Operations<T>, given: T): T {
  const x = near(k, given);
  const scale = Math.sqrt(2 / Math.PI);
  const square = k.square(x);
  const t = k.tanh(k.mul(k.mul(x, k.add(k.mul(square, 0.044715), 1)), scale));
  const inner = k.mul(k.add(k.mul(square, 3 * 0.044715), 1), scale);
  const bend = k.mul(k.mul(x, k.sub(1, k.square(t))), inner);
  return k.mul(k.add(k.add(t, bend), 1), 0.5);
}

export const methods = {
  /**
   * x times the normal distribution function, at most 2.4e-4 off for every x, exactly 0 or x for |x| > 4.1. Rounds:
   * those of a ReLU and one.
   * @param options `approximate`: 'none' (default) for the exact function, 'tanh' for the approximation of that name
   * @returns the shape of x
   * @throws ArgumentError for another approximation or option
   * @example x.gelu()
   */
  gelu: (_x: unknown, options: { readonly approximate?: 'none' | 'tanh' } = {}) => {
    checkOptions('gelu', options, ['approximate']);
    const { approximate = 'none' } = options;
    if (approximate !== 'none' && approximate !== 'tanh')
      throw new ArgumentError(`gelu: approximate is 'none' or 'tanh', not ${JSON.stringify(approximate)}`);
    return { attributes: { approximate } };
  },
};
