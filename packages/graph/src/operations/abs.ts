/** |x| = 2 ReLU(x) - x, exact. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Abs'> = unary({
  op: 'Abs',
  summary: '|x|',
  plain: Math.abs,
  expand: (k, [x]) => [k.sub(k.mul(k.relu(x), 2), x)],
  derivative: (k, x, _y, dy) => k.mul(k.sign(x), dy),
  bounds: ([{ shape, low, high }]) => [
    {
      shape,
      low: map(low, (l, i) => Math.max(0, l, -high.data[i])),
      high: map(low, (l, i) => Math.max(-l, high.data[i])),
    },
  ],
  onnx: onnx('Abs'),
});

export const methods = {
  /**
   * |x|, exact, in the rounds of a ReLU.
   * @returns the shape of x
   * @example x.abs()
   */
  abs: () => ({ attributes: {} }),
};
