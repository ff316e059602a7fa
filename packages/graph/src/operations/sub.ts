/** x - y with broadcasting. Local. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { negated } from '../plain/interval.js';
import { binary, onnx, risingBounds } from './shared/elementwise.js';

const sumBounds = risingBounds((x, y) => x + y);

export const definition: OperationDefinition<'Sub'> = binary({
  op: 'Sub',
  summary: 'x - y, broadcasting',
  plain: (x, y) => x - y,
  derivative: (k, _x, _y, _z, dy) => [dy, k.neg(dy)],
  bounds: ([x, y]) => sumBounds([x, negated(y)]),
  onnx: onnx('Sub'),
});

export const methods = {
  /**
   * x - y, broadcasting. No round.
   * @param y other operand, secret, owned or public
   * @returns the broadcast shape
   * @throws ShapeError where the shapes do not broadcast together
   * @example x.sub(1)
   */
  sub: (_x: Shaped, y: Operand) => ({ inputs: [y], attributes: {} }),
};
