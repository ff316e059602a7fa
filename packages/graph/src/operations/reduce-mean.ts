/** Mean along axes: a sum over a public count. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import type { Axes } from '../shape/axes.js';
import { broadcastBack, countOf } from './shared/broadcast-back.js';
import {
  type KeepDims,
  type ReduceAttributes,
  reduceArguments,
  reducedShape,
  reduction,
  requireElements,
} from './shared/reduction.js';

export const definition: OperationDefinition<'ReduceMean', ReduceAttributes> = reduction({
  op: 'ReduceMean',
  summary: 'mean along axes',
  mode: 'mean',
  expand: (k, [x], attributes) => [
    k.div(k.reduceSum(x, attributes), countOf(k.shapeOf(x), attributes.axes), { integer: false }),
  ],
  gradient: (k, { inputs: [x], dy: [dy], attributes }) => {
    const shape = k.shapeOf(x);
    const share = k.div(dy, countOf(shape, attributes.axes), { integer: false });
    return [broadcastBack(k, share, shape, attributes)];
  },
  infer([x], { axes, keepDims }) {
    const shape = reducedShape(x, axes, keepDims);
    requireElements(x, axes, 'mean');
    return [shape];
  },
});

export const methods = {
  /**
   * Mean along axes (left out: all), right whatever the sum is. No round where 2^k elements meet, else the quotient's
   * truncation; one more for thousands of elements that are no power of two.
   * @param axes axis or axes; negative ones count from the back; all by default
   * @param keepDims whether reduced axes stay, with size 1; default false; also as `{ keepDims }`
   * @returns the shape of x without the axes
   * @throws ShapeError where an axis is out of range or named twice, or there is no element
   * @example x.mean([0, 2], true)
   */
  mean: (x: Shaped, axes?: Axes, keepDims?: KeepDims) => reduceArguments(x, axes, keepDims),
};
