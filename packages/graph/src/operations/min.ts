/** The smaller of two numbers, exact: one ReLU. Of equal ones the gradient goes to the first. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { binary, risingBounds } from './shared/elementwise.js';

export const definition: OperationDefinition<'Min'> = binary({
  op: 'Min',
  summary: 'minimum of x and y, broadcasting',
  plain: Math.min,
  bounds: risingBounds(Math.min),
  expand: (k, [x, y]) => [k.sub(x, k.relu(k.sub(x, y)))],
  derivative(k, x, y, _z, dy) {
    const first = k.lessOrEqual(x, y);
    const dx = k.mul(first, dy);
    return [dx, k.sub(dy, dx)];
  },
});

export const methods = {
  /**
   * The smaller of x and y, element by element, exact, in the rounds of a ReLU.
   * @param y other operand, secret, owned or public
   * @returns the broadcast shape
   * @throws ShapeError where the shapes do not broadcast together
   * @example x.minimum(0)
   */
  minimum: (_x: Shaped, y: Operand) => ({ inputs: [y], attributes: {} }),
};
