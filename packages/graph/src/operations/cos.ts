/** The cosine, of a part of a turn that is opened under a mask: one opening for all numbers. */
import type { OperationDefinition } from '../operation/definition.js';
import { between } from '../plain/interval.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Cos'> = {
  ...unary({
    op: 'Cos',
    summary: 'cos(x)',
    plain: Math.cos,
    accuracy: { maxError: 2 ** -12 },
    derivative: (k, x, _y, dy) => k.neg(k.mul(k.sin(x), dy)),
    onnx: onnx('Cos', 7),
  }),
  bounds: ([x]) => [between(x.shape, -1, 1)],
};

export const methods = {
  /**
   * The cosine of x in radians, at most 2^-12 off for |x| < 2^28. Two rounds; for a product three.
   * @returns the shape of x
   * @example phase.cos()
   */
  cos: () => ({ attributes: {} }),
};
