/** x + y with broadcasting. Local. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { binary, onnx, risingBounds } from './shared/elementwise.js';

const plain = (x: number, y: number) => x + y;

export const definition: OperationDefinition<'Add'> = binary({
  op: 'Add',
  summary: 'x + y, broadcasting',
  plain,
  derivative: (_k, _x, _y, _z, dy) => [dy, dy],
  bounds: risingBounds(plain),
  onnx: onnx('Add'),
});

export const methods = {
  /**
   * x + y, broadcasting. No round.
   * @param y other operand, secret, owned or public
   * @returns the broadcast shape
   * @throws ShapeError where the shapes do not broadcast together
   * @example x.add([1, 2])
   */
  add: (_x: Shaped, y: Operand) => ({ inputs: [y], attributes: {} }),
};
