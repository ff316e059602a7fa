/** The larger of two numbers, exact: one ReLU. Of equal ones the gradient goes to the first. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { binary, risingBounds } from './shared/elementwise.js';

export const definition: OperationDefinition<'Max'> = binary({
  op: 'Max',
  summary: 'maximum of x and y, broadcasting',
  plain: Math.max,
  bounds: risingBounds(Math.max),
  expand: (k, [x, y]) => [k.add(y, k.relu(k.sub(x, y)))],
  derivative(k, x, y, _z, dy) {
    const first = k.greaterOrEqual(x, y);
    const dx = k.mul(first, dy);
    return [dx, k.sub(dy, dx)];
  },
});

export const methods = {
  /**
   * The larger of x and y, element by element, exact, in the rounds of a ReLU.
   * @param y other operand, secret, owned or public
   * @returns the broadcast shape
   * @throws ShapeError where the shapes do not broadcast together
   * @example x.maximum(0)
   */
  maximum: (_x: Shaped, y: Operand) => ({ inputs: [y], attributes: {} }),
};
