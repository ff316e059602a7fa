/** [x > y] as 0 or 1, with broadcasting. Exact for whatever differs at the common scale. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { comparison } from './shared/comparison.js';

export const definition: OperationDefinition<'Greater'> = comparison({
  op: 'Greater',
  summary: '[x > y], broadcasting',
  holds: (x, y) => x > y,
  expand: (k, [x, y]) => [k.sub(1, k.greaterOrEqual(y, x))],
  onnx: { name: 'Greater', type: 'bool' },
});

export const methods = {
  /**
   * [x > y] as zeros and ones, exact, in the rounds of a ReLU.
   * @param y other operand, secret, owned or public
   * @returns zeros and ones of the broadcast shape
   * @throws ShapeError where the shapes do not broadcast together
   * @example x.gt(0)
   */
  gt: (_x: Shaped, y: Operand) => ({ inputs: [y], attributes: {} }),
};
