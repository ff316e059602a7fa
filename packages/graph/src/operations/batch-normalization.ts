/**
 * Normalisation of each channel by running statistics, which follow the batches where a graph is trained. Models that are
 * not trained have it as Affine, or merged into a layer.
 */
import { ArgumentError, ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { stridesOf } from '../plain/plain-tensor.js';
import { at, mayEqual, show } from '../shape/dims.js';

interface BatchNormalizationAttributes {
  /** Added to the variance. */
  readonly epsilon: number;
  /** Part of the running statistics that a batch makes up. */
  readonly momentum: number;
}

export const definition: OperationDefinition<'BatchNormalization', BatchNormalizationAttributes> = {
  op: 'BatchNormalization',
  summary: '(x - mean) / sqrt(variance + epsilon) scale + shift, by channel',
  attributes: { epsilon: 'number', momentum: 'number' },
  arity: [5, 5],
  accuracy: { maxError: 2 ** -8 },
  infer([x, ...vectors], { epsilon, momentum }) {
    if (x.length < 2) throw new ShapeError(`${show(x)} has no channels`);
    for (const vector of vectors)
      if (vector.length !== 1 || !mayEqual(at(vector, 0), at(x, 1)))
        throw new ShapeError(`a vector ${show(vector)} is not one number for each channel of ${show(x)}`);
    if (!(epsilon >= 0)) throw new ArgumentError(`an epsilon of ${epsilon}`);
    if (!(momentum >= 0 && momentum <= 1)) throw new ArgumentError(`a momentum of ${momentum}`);
    return [x];
  },
  evaluate([x, scale, shift, mean, variance], { epsilon }) {
    const stride = at(stridesOf(x.shape), 1);
    const data = x.data.map((value, index) => {
      const c = Math.floor(index / stride) % scale.data.length;
      const deviation = Math.sqrt(variance.data[c] + epsilon);
      return ((value - mean.data[c]) / deviation) * scale.data[c] + shift.data[c];
    });
    return [{ shape: x.shape, data }];
  },
  expand(k, [x, scale, shift, mean, variance], { epsilon }) {
    const behind = new Array<number>(k.shapeOf(x).length - 2).fill(1);
    const along = (v: typeof x) => k.reshape(v, { shape: [...k.shapeOf(v), ...behind], allowZero: true });
    const inverse = k.invSqrt(k.add(variance, epsilon));
    const standard = k.mul(k.sub(x, along(mean)), along(inverse));
    // The scale last: its product with the inverse of a large deviation would have few bits.
    return [k.add(k.mul(standard, along(scale)), along(shift))];
  },
  examples: [
    {
      shapes: [[2, 3, 2], [3], [3], [3], [3]],
      attributes: { epsilon: 1e-3, momentum: 0.1 },
      range: [0.25, 2],
    },
    { shapes: [[4, 2], [2], [2], [2], [2]], attributes: { epsilon: 0.5, momentum: 0 }, range: [0.25, 2] },
    { shapes: [[0, 1, 2], [1], [1], [1], [1]], attributes: { epsilon: 0.1, momentum: 1 }, range: [0.25, 2] },
  ],
};
