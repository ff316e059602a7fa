/** [x >= y] as 0 or 1, with broadcasting. Exact for whatever differs at the common scale. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { comparison } from './shared/comparison.js';

export const definition: OperationDefinition<'GreaterOrEqual'> = comparison({
  op: 'GreaterOrEqual',
  summary: '[x >= y], broadcasting',
  holds: (x, y) => x >= y,
  onnx: { name: 'GreaterOrEqual', since: 12, type: 'bool' },
});

export const methods = {
  /**
   * [x >= y] as zeros and ones, exact, in the rounds of a ReLU.
   * @param y other operand, secret, owned or public
   * @returns zeros and ones of the broadcast shape
   * @throws ShapeError where the shapes do not broadcast together
   */
  ge: (_x: Shaped, y: Operand) => ({ inputs: [y], attributes: {} }),
};
