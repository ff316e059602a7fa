/** Index of the smallest element along an axis, or in the flattened tensor; of equal ones the first. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { type ArgAttributes, argArguments, argExtreme } from './shared/arg-extreme.js';

export const definition: OperationDefinition<'ArgMin', ArgAttributes> = argExtreme(
  'ArgMin',
  'smallest',
  (a, b) => a < b,
);

export const methods = {
  /** Index of the smallest element along an axis, or in the flattened tensor; of equal ones the first. */
  argmin: (x: Shaped, axis?: number, keepDims?: boolean) => argArguments(x, axis, keepDims),
};
