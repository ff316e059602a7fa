/** x to a public whole power, by repeated squaring. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Operations } from '../operation/operations.js';
import { timesInterval } from '../plain/interval.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';

interface PowAttributes {
  readonly exponent: number;
}

export const definition: OperationDefinition<'Pow', PowAttributes> = {
  op: 'Pow',
  summary: 'x to a public whole power',
  attributes: { exponent: 'size' },
  arity: [1, 1],
  infer: (inputs) => [at(inputs, 0)],
  evaluate: ([x], { exponent }) => [map(x, (v) => v ** exponent)],
  expand: (k, [x], { exponent }) => [power(k, x, exponent)],
  gradient: (k, { inputs: [x], dy: [dy], attributes: { exponent } }) => [
    exponent === 1 ? dy : k.mul(k.mul(power(k, x, exponent - 1), exponent), dy),
  ],
  bounds: ([x], { exponent }) => [
    Array.from({ length: exponent - 1 }).reduce<typeof x>((y) => timesInterval(x.shape, y, x), x),
  ],
  examples: [1, 2, 3, 5].map((exponent) => ({ shapes: [[2, 3]], attributes: { exponent }, range: [-2, 2] })),
};

function power<T>(k: Operations<T>, x: T, exponent: number): T {
  let result: T | undefined;
  let base = x;
  for (let left = exponent; ; base = k.square(base)) {
    if (left % 2 === 1) result = result === undefined ? base : k.mul(result, base);
    left = Math.floor(left / 2);
    if (left === 0) return result as T;
  }
}

export const methods = {
  /**
   * x^n for a whole n >= 1, by repeated squaring. A round for each squaring and product.
   * @param n exponent, a whole number from 1 on
   * @returns the shape of x
   * @throws ArgumentError for any other exponent
   * @example x.pow(3)
   */
  pow: (_x: unknown, n: number) => ({ attributes: { exponent: n } }),
};
