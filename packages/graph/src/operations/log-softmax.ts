/** The logarithm of the softmax, without its underflow. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import {
  type AxisAttributes,
  axisArgument,
  axisAttribute,
  axisExamples,
  mapAxis,
  shapeWithAxis,
} from './shared/along-axis.js';
import { definition as softmax } from './softmax.js';

export const definition: OperationDefinition<'LogSoftmax', AxisAttributes> = {
  op: 'LogSoftmax',
  summary: 'log of the softmax along an axis',
  attributes: axisAttribute,
  arity: [1, 1],
  aux: ['softmax'],
  gradientOutputs: 2,
  accuracy: { maxError: 2 ** -8 },
  infer: ([x], attributes) => [shapeWithAxis(x, attributes), x],
  evaluate: ([x], attributes) => [
    mapAxis(x, attributes, (values) => {
      const top = Math.max(...values);
      const sum = values.reduce((total, v) => total + Math.exp(v - top), 0);
      return values.map((v) => v - top - Math.log(sum));
    }),
    softmax.evaluate([x], attributes)[0],
  ],
  expand(k, [x], { axis }) {
    if (k.shapeOf(x)[axis] === 0) return [x, x];
    const along = { axes: [axis], keepDims: true };
    const below = k.sub(x, k.reduceMax(x, along));
    const powers = k.exp(below);
    const sum = k.reduceSum(powers, along);
    return [k.sub(below, k.log(sum)), k.mul(powers, k.reciprocal(sum))];
  },
  gradient: (k, { outputs: [y, powers = k.exp(y)], dy: [dy], attributes: { axis } }) => [
    k.sub(dy, k.mul(powers, k.reduceSum(dy, { axes: [axis], keepDims: true }))),
  ],
  examples: axisExamples,
};

export const methods = {
  /**
   * The logarithm of the softmax along an axis, at most 2^-8 off, for any spread of the elements. Rounds: those of the
   * maximum, of `exp` and of `log`.
   * @param axis axis; negative ones count from the back; default the last
   * @returns the shape of x
   * @throws ShapeError where there is no such axis
   * @example logits.logSoftmax(1)
   */
  logSoftmax: (x: Shaped, axis?: number) => axisArgument(x, axis),
};
