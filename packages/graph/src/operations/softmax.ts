/** exp(x) over its sum along an axis, from the differences to the largest element: any spread. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { between } from '../plain/interval.js';
import {
  type AxisAttributes,
  axisArgument,
  axisAttribute,
  axisExamples,
  mapAxis,
  shapeWithAxis,
} from './shared/along-axis.js';

export const definition: OperationDefinition<'Softmax', AxisAttributes> = {
  op: 'Softmax',
  summary: 'exp(x) / sum of exp(x) along an axis',
  attributes: axisAttribute,
  arity: [1, 1],
  accuracy: { maxError: 2 ** -10 },
  infer: ([x], attributes) => [shapeWithAxis(x, attributes)],
  evaluate: ([x], attributes) => [
    mapAxis(x, attributes, (values) => {
      const top = Math.max(...values);
      const powers = values.map((v) => Math.exp(v - top));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((v) => v / sum);
    }),
  ],
  expand(k, [x], { axis }) {
    if (k.shapeOf(x)[axis] === 0) return [x];
    const along = { axes: [axis], keepDims: true };
    const powers = k.exp(k.sub(x, k.reduceMax(x, along)));
    return [k.mul(powers, k.reciprocal(k.reduceSum(powers, along)))];
  },
  gradient: (k, { outputs: [y], dy: [dy], attributes: { axis } }) => [
    k.mul(y, k.sub(dy, k.reduceSum(k.mul(y, dy), { axes: [axis], keepDims: true }))),
  ],
  bounds: ([x]) => [between(x.shape, 0, 1)],
  examples: axisExamples,
};

export const methods = {
  /**
   * exp(x) over its sum along an axis, at most 2^-10 off, for any spread of the elements. Rounds: those of the maximum,
   * of `exp`, of `reciprocal` and of a product.
   * @param axis axis; negative ones count from the back; default the last
   * @returns the shape of x
   * @throws ShapeError where there is no such axis
   * @example logits.softmax(1)
   */
  softmax: (x: Shaped, axis?: number) => axisArgument(x, axis),
};
