/** Where the largest element is, as ones and zeros. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import * as arg from './arg-max.js';
import { argOneHot, type OneHotAttributes, oneHotArguments } from './shared/arg-one-hot.js';

export const definition: OperationDefinition<'ArgMaxOneHot', OneHotAttributes> = argOneHot(
  arg,
  'ArgMaxOneHot',
  'largest',
  (k, x, attributes) => k.argMax(x, attributes),
);

export const methods = {
  /**
   * 1 where the largest element along an axis is, 0 elsewhere: exactly one winner, the first of equal ones. Rounds: those
   * of `argmax`, and of an equality.
   * @param axis axis to search along; by default one winner of the whole tensor
   * @returns the shape of x
   * @throws ShapeError where there is no element or no such axis
   * @example logits.argmaxOneHot(1)
   */
  argmaxOneHot: (x: Shaped, axis?: number) => oneHotArguments(x, axis),
};
