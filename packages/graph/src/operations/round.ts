/** The nearest whole number, of two the even one. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

function nearest(v: number): number {
  const down = Math.floor(v);
  const up = v - down > 0.5 || (v - down === 0.5 && down % 2 !== 0);
  return up ? down + 1 : down;
}

export const definition: OperationDefinition<'Round'> = {
  ...unary({
    op: 'Round',
    summary: 'nearest integer, of two the even one',
    plain: nearest,
    monotone: true,
    expand(k, [x]) {
      const raised = k.add(x, 0.5);
      // Whole numbers above halves and below: they differ where x lies in the middle, and the even one is twice a floor.
      const [up, pairs] = [k.floor(raised), k.floor(k.mul(raised, 0.5))];
      const odd = k.sub(up, k.mul(pairs, 2));
      return [k.sub(up, k.mul(odd, k.equal(up, raised)))];
    },
    derivative: () => undefined,
    onnx: onnx('Round', 11),
  }),
  examples: [
    { shapes: [[2, 3]], attributes: {} },
    { shapes: [[12]], attributes: {}, values: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.25], kinks: true },
    { shapes: [[0]], attributes: {} },
    { shapes: [[]], attributes: {} },
  ],
};

export const methods = {
  /**
   * The nearest integer, of two the even one, as NumPy and ONNX have it. Rounds: those of `floor`, and of an equality and
   * a product.
   * @returns the shape of x
   */
  round: () => ({ attributes: {} }),
};
