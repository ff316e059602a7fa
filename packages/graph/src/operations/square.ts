/** x^2: a product that opens its one operand once. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Square'> = unary({
  op: 'Square',
  summary: 'x^2',
  plain: (x) => x * x,
  factors: [0],
  expand: (k, [x]) => [k.mul(x, x)],
  derivative: (k, x, _y, dy) => k.mul(k.mul(x, 2), dy),
  bounds: ([{ shape, low, high }]) => [
    {
      shape,
      low: map(low, (l, i) => (l > 0 || high.data[i] < 0 ? Math.min(l * l, high.data[i] ** 2) : 0)),
      high: map(low, (l, i) => Math.max(l * l, high.data[i] ** 2)),
    },
  ],
});

export const methods = {
  /**
   * x^2. One round, none if x was multiplied before.
   * @returns the shape of x
   * @example x.square()
   */
  square: () => ({ attributes: {} }),
};
