/** Index of the largest element along an axis, or in the flattened tensor; of equal ones the first. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { type ArgAttributes, argArguments, argExtreme } from './shared/arg-extreme.js';

export const definition: OperationDefinition<'ArgMax', ArgAttributes> = argExtreme(
  'ArgMax',
  'largest',
  (a, b) => a > b,
);

export const methods = {
  /** Index of the largest element along an axis, or in the flattened tensor; of equal ones the first. */
  argmax: (x: Shaped, axis?: number, keepDims?: boolean) => argArguments(x, axis, keepDims),
};
