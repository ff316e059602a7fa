/** Index of the largest element along an axis, or in the flattened tensor; of equal ones the first. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { type ArgAttributes, argArguments, argExtreme } from './shared/arg-extreme.js';
import type { KeepDims } from './shared/reduction.js';

export const definition: OperationDefinition<'ArgMax', ArgAttributes> = argExtreme(
  'ArgMax',
  'largest',
  (a, b) => a > b,
);

export const methods = {
  /**
   * Index of the largest element along an axis, or in the flattened tensor; of equal ones the first. Exact. Rounds:
   * those of a ReLU for each halving of the elements.
   * @param axis axis to search along; by default the flattened tensor
   * @param keepDims whether reduced axes stay, with size 1; default false; also as `{ keepDims }`
   * @returns indices, of the shape of x without the axis
   * @throws ShapeError where there is no element or no such axis
   * @example logits.argmax(1)
   */
  argmax: (x: Shaped, axis?: number, keepDims?: KeepDims) => argArguments(x, axis, keepDims),
};
