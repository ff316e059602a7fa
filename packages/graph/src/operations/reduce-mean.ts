/** Mean along axes: a sum over a public count. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import type { Axes } from '../shape/axes.js';
import { countOf } from './shared/broadcast-back.js';
import { type ReduceAttributes, reduceArguments, reduction } from './shared/reduction.js';

export const definition: OperationDefinition<'ReduceMean', ReduceAttributes> = reduction({
  op: 'ReduceMean',
  summary: 'mean along axes',
  mode: 'mean',
  expand: (k, [x], attributes) => [
    // The mean of no elements is undefined.
    k.div(k.reduceSum(x, attributes), Math.max(1, countOf(k.shapeOf(x), attributes.axes)), {
      integer: false,
    }),
  ],
});

export const methods = {
  /**
   * Mean along axes (left out: all). No round where 2^k elements meet, else the quotient's truncation.
   * @param axes axis or axes; negative ones count from the back; all by default
   * @param keepDims whether reduced axes stay, with size 1; default false
   * @returns the shape of x without the axes
   * @throws ShapeError where an axis is out of range or named twice
   * @example x.mean([0, 2], true)
   */
  mean: (x: Shaped, axes?: Axes, keepDims?: boolean) => reduceArguments(x, axes, keepDims),
};
