/** x times its sigmoid: max(x, 0) and a piecewise polynomial, side by side. Elfwing, Uchibe, Doya: 2017. */
import type { OperationDefinition } from '../operation/definition.js';
import { unary } from './shared/elementwise.js';
import { smoothReluBounds } from './shared/smooth-relu.js';

const silu = (x: number): number => x / (1 + Math.exp(-x));

export const definition: OperationDefinition<'Silu'> = unary({
  op: 'Silu',
  summary: 'x / (1 + exp(-x))',
  plain: silu,
  accuracy: { maxError: 2.6e-4 },
  // s + x s (1 - s)
  derivative: (k, x, _y, dy) => {
    const s = k.sigmoid(x);
    return k.mul(k.mul(s, k.add(k.mul(x, k.sub(1, s)), 1)), dy);
  },
  bounds: smoothReluBounds(silu, -0.2785),
});

export const methods = {
  /**
   * x times its sigmoid, at most 2.6e-4 off for every x, exactly 0 or x for |x| > 11.6. Rounds: those of a ReLU and one.
   * @returns the shape of x
   */
  silu: () => ({ attributes: {} }),
};
