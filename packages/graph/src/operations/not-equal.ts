/** [x differs from y] as 0 or 1, with broadcasting. Exact for whatever differs at the common scale. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { comparison } from './shared/comparison.js';

export const definition: OperationDefinition<'NotEqual'> = comparison({
  op: 'NotEqual',
  summary: '[x differs from y], broadcasting',
  holds: (x, y) => x !== y,
  expand: (k, [x, y]) => [k.sub(1, k.equal(x, y))],
});

export const methods = {
  /**
   * [x differs from y] as zeros and ones, exact, in the rounds of a ReLU.
   * @param y other operand, secret, owned or public
   * @returns zeros and ones of the broadcast shape
   * @throws ShapeError where the shapes do not broadcast together
   */
  ne: (_x: Shaped, y: Operand) => ({ inputs: [y], attributes: {} }),
};
