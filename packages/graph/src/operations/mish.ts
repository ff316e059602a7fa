/** x tanh(softplus(x)): max(x, 0) and a piecewise polynomial, side by side. Misra: "Mish", 2019. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';
import { smoothReluBounds } from './shared/smooth-relu.js';

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

const mish = (x: number): number => x * Math.tanh(softplus(x));

export const definition: OperationDefinition<'Mish'> = unary({
  op: 'Mish',
  summary: 'x tanh(log(1 + exp(x)))',
  plain: mish,
  accuracy: { maxError: 2.6e-4 },
  // t + x (1 - t^2) sigmoid(x), t = tanh(softplus(x))
  derivative: (k, x, _y, dy) => {
    const t = k.tanh(k.softplus(x));
    return k.mul(k.add(t, k.mul(k.mul(x, k.sub(1, k.square(t))), k.sigmoid(x))), dy);
  },
  bounds: smoothReluBounds(mish, -0.3089),
  onnx: onnx('Mish', 18),
});

export const methods = {
  /**
   * x tanh(log(1 + exp(x))), at most 2.6e-4 off for every x. Rounds: those of a ReLU and one.
   * @returns the shape of x
   */
  mish: () => ({ attributes: {} }),
};
