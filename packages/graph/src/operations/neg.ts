/** -x. Local. */
import type { OperationDefinition } from '../operation/definition.js';
import { negated } from '../plain/interval.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Neg'> = unary({
  op: 'Neg',
  summary: '-x',
  plain: (x) => -x,
  derivative: (k, _x, _y, dy) => k.neg(dy),
  bounds: ([x]) => [negated(x)],
  onnx: onnx('Neg'),
});

export const methods = {
  /**
   * -x. No round.
   * @returns the shape of x
   */
  neg: () => ({ attributes: {} }),
};
