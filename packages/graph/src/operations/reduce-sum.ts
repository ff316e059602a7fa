/** Sum along axes. Local. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { hullOver } from '../plain/interval.js';
import { map } from '../plain/plain-tensor.js';
import type { Axes } from '../shape/axes.js';
import { broadcastBack, countOf } from './shared/broadcast-back.js';
import {
  type KeepDims,
  type ReduceAttributes,
  reduceArguments,
  reducedShape,
  reduction,
} from './shared/reduction.js';
import { shapedBounds } from './shared/views.js';

export const definition: OperationDefinition<'ReduceSum', ReduceAttributes> = reduction({
  op: 'ReduceSum',
  summary: 'sum along axes',
  mode: 'sum',
  gradient: (k, { inputs: [x], dy: [dy], attributes }) => [broadcastBack(k, dy, k.shapeOf(x), attributes)],
  bounds([x], { axes, keepDims }) {
    const count = countOf(x.shape, axes);
    const { low, high } = hullOver(x, axes);
    const times = (v: number) => (count === 0 ? 0 : v * count);
    const kept = {
      shape: reducedShape(x.shape, axes, true) as number[],
      low: map(low, times),
      high: map(high, times),
    };
    return [shapedBounds(kept, reducedShape(x.shape, axes, keepDims) as number[])];
  },
});

export const methods = {
  /**
   * Sum along axes (left out: all). No round. The sum must stay below 2^28, as every value.
   * @param axes axis or axes; negative ones count from the back; all by default
   * @param keepDims whether reduced axes stay, with size 1; default false; also as `{ keepDims }`
   * @returns the shape of x without the axes
   * @throws ShapeError where an axis is out of range or named twice
   * @example x.sum(0)
   */
  sum: (x: Shaped, axes?: Axes, keepDims?: KeepDims) => reduceArguments(x, axes, keepDims),
};
