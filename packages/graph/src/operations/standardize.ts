/** Less the mean and over the standard deviation along axes: what layer, instance and group normalisation share. */
import { ArgumentError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operations } from '../operation/operations.js';
import { map, zip } from '../plain/plain-tensor.js';
import { normalizeAxes } from '../shape/axes.js';
import { reduceAxes, reducedShape, requireElements } from './shared/reduction.js';

interface StandardizeAttributes {
  readonly axes: readonly number[];
  /** Added to the variance. */
  readonly epsilon: number;
}

export const definition: OperationDefinition<'Standardize', StandardizeAttributes> = {
  op: 'Standardize',
  summary: '(x - mean) / sqrt(variance + epsilon) along axes',
  attributes: { axes: 'axes', epsilon: 'number' },
  arity: [1, 1],
  accuracy: { maxError: 2 ** -8 },
  aux: ['inverse', 'mean', 'variance'],
  gradientOutputs: 2,
  infer([x], { axes, epsilon }) {
    normalizeAxes(axes, x.length);
    requireElements(x, axes, 'mean');
    if (!(epsilon >= 0)) throw new ArgumentError(`an epsilon of ${epsilon}`);
    const along = reducedShape(x, axes, true);
    return [x, along, along, along];
  },
  evaluate([x], { axes, epsilon }) {
    const mean = reduceAxes(x, axes, true, 'mean');
    const centred = zip(x, mean, (v, middle) => v - middle);
    const variance = reduceAxes(
      map(centred, (v) => v * v),
      axes,
      true,
      'mean',
    );
    const inverse = map(variance, (square) => 1 / Math.sqrt(square + epsilon));
    return [zip(centred, inverse, (v, factor) => v * factor), inverse, mean, variance];
  },
  expand(k, [x], attributes) {
    const { centred, inverse, mean, variance } = parts(k, x, attributes);
    return [k.mul(centred, inverse), inverse, mean, variance];
  },
  // inverse (dy - mean(dy) - y mean(y dy))
  gradient(k, { inputs: [x], outputs: [y, known], dy: [dy], attributes }) {
    const along = { axes: attributes.axes, keepDims: true };
    const inverse = known ?? parts(k, x, attributes).inverse;
    const shift = k.add(k.reduceMean(dy, along), k.mul(y, k.reduceMean(k.mul(y, dy), along)));
    return [k.mul(inverse, k.sub(dy, shift))];
  },
  examples: [
    { shapes: [[2, 6]], attributes: { axes: [1], epsilon: 1e-3 } },
    { shapes: [[2, 3, 4]], attributes: { axes: [1, 2], epsilon: 0.01 } },
    { shapes: [[5, 2]], attributes: { axes: [0], epsilon: 1 } },
  ],
};

function parts<T>(k: Operations<T>, x: T, { axes, epsilon }: StandardizeAttributes) {
  const along = { axes, keepDims: true };
  const mean = k.reduceMean(x, along);
  const centred = k.sub(x, mean);
  const variance = k.reduceMean(k.square(centred), along);
  return { centred, mean, variance, inverse: k.invSqrt(k.add(variance, epsilon)) };
}

export const methods = {};
