/** The largest element along axes, exact: a tree of comparisons. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { hullOver } from '../plain/interval.js';
import type { Axes } from '../shape/axes.js';
import { firstWinner } from './shared/first-winner.js';
import {
  extremeIndex,
  type ReduceAttributes,
  reduceArguments,
  reduceAxes,
  reducedShape,
  reduction,
} from './shared/reduction.js';
import { shapedBounds } from './shared/views.js';

export const definition: OperationDefinition<'ReduceMax', ReduceAttributes> = reduction({
  op: 'ReduceMax',
  summary: 'largest element along axes',
  mode: 'max',
  aux: ['index'],
  infer([x], { axes, keepDims }) {
    const shape = reducedShape(x, axes, keepDims);
    if (axes.some((axis) => x[axis] === 0)) throw new ShapeError('the maximum of no elements is undefined');
    return [shape, shape];
  },
  evaluate([x], attributes) {
    const extreme = reduceAxes(x, attributes.axes, attributes.keepDims, 'max');
    return [extreme, extremeIndex(x, attributes, extreme)];
  },
  gradient: (k, { inputs: [x], dy: [dy], attributes }) => [firstWinner(k, 'max', x, dy, attributes)],
  bounds: ([x], { axes, keepDims }) => [
    shapedBounds(
      { ...hullOver(x, axes), shape: reducedShape(x.shape, axes, true) as number[] },
      reducedShape(x.shape, axes, keepDims) as number[],
    ),
  ],
});

export const methods = {
  /**
   * The largest element along axes (left out: of all), exact. Rounds: those of a ReLU for each halving of the elements.
   * @param axes axis or axes; negative ones count from the back; all by default
   * @param keepDims whether reduced axes stay, with size 1; default false
   * @returns the shape of x without the axes
   * @throws ShapeError where an axis is out of range or named twice, or there is no element
   * @example x.max(1)
   */
  max: (x: Shaped, axes?: Axes, keepDims?: boolean) => reduceArguments(x, axes, keepDims),
};
