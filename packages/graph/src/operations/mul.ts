/** x * y with broadcasting: Beaver's product, one opening for each operand that was not opened before. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { timesInterval } from '../plain/interval.js';
import { broadcast } from '../shape/dims.js';
import { binary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Mul'> = binary({
  op: 'Mul',
  summary: 'x * y, broadcasting',
  plain: (x, y) => x * y,
  factors: [0, 1],
  derivative: (k, x, y, _z, dy, needed) => [
    needed[0] ? k.mul(dy, y) : undefined,
    needed[1] ? k.mul(dy, x) : undefined,
  ],
  bounds: ([x, y]) => [timesInterval(broadcast(x.shape, y.shape) as number[], x, y)],
});

export const methods = {
  /**
   * x * y, broadcasting. One round for operands that were not multiplied before. Right to one unit in the last place
   * where |x y| < 2^28; a public y that is not on the grid of 2^-16 is kept to a relative precision of 2^-16.
   * @param y other operand, secret, owned or public
   * @returns the broadcast shape
   * @throws ShapeError where the shapes do not broadcast together
   * @example x.mul(w)
   */
  mul: (_x: Shaped, y: Operand) => ({ inputs: [y], attributes: {} }),
};
