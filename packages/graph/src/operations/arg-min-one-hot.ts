/** Where the smallest element is, as ones and zeros. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import * as arg from './arg-min.js';
import { argOneHot, type OneHotAttributes, oneHotArguments } from './shared/arg-one-hot.js';

export const definition: OperationDefinition<'ArgMinOneHot', OneHotAttributes> = argOneHot(
  arg,
  'ArgMinOneHot',
  'smallest',
  (k, x, attributes) => k.argMin(x, attributes),
);

export const methods = {
  /**
   * 1 where the smallest element along an axis is, 0 elsewhere: exactly one winner, the first of equal ones. Rounds: those
   * of `argmin`, and of an equality.
   * @param axis axis to search along; by default one winner of the whole tensor
   * @returns the shape of x
   * @throws ShapeError where there is no element or no such axis
   * @example logits.argminOneHot(1)
   */
  argminOneHot: (x: Shaped, axis?: number) => oneHotArguments(x, axis),
};
