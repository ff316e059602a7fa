/** The smallest element along axes, exact: a tree of comparisons. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import type { Axes } from '../shape/axes.js';
import { extreme } from './shared/extreme.js';
import { type KeepDims, type ReduceAttributes, reduceArguments } from './shared/reduction.js';

export const definition: OperationDefinition<'ReduceMin', ReduceAttributes> = extreme(
  'ReduceMin',
  'min',
  'smallest',
);

export const methods = {
  /**
   * The smallest element along axes (left out: of all), exact. Rounds: those of a ReLU for each halving of the elements.
   * @param axes axis or axes; negative ones count from the back; all by default
   * @param keepDims whether reduced axes stay, with size 1; default false; also as `{ keepDims }`
   * @returns the shape of x without the axes
   * @throws ShapeError where an axis is out of range or named twice, or there is no element
   */
  min: (x: Shaped, axes?: Axes, keepDims?: KeepDims) => reduceArguments(x, axes, keepDims),
};
