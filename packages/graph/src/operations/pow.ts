/** x to a public power: whole ones by repeated squaring, roots by `sqrt`, any other by exp(p log(x)). */
import { ArgumentError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operations } from '../operation/operations.js';
import { between, type Interval, timesInterval } from '../plain/interval.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';

interface PowAttributes {
  readonly exponent: number;
}

export const definition: OperationDefinition<'Pow', PowAttributes> = {
  op: 'Pow',
  summary: 'x to a public power',
  attributes: { exponent: 'number' },
  arity: [1, 1],
  // Of powers that are not whole; those are products.
  accuracy: { maxError: 2 ** -9, relative: 2 ** -8 },
  infer: (inputs) => [at(inputs, 0)],
  evaluate: ([x], { exponent }) => [map(x, (v) => v ** exponent)],
  expand: (k, [x], { exponent }) => [power(k, x, exponent)],
  gradient: (k, { inputs: [x], dy: [dy], attributes: { exponent } }) => [
    exponent === 0
      ? k.mul(dy, 0)
      : exponent === 1
        ? dy
        : k.mul(k.mul(power(k, x, exponent - 1), exponent), dy),
  ],
  bounds: ([x], { exponent }) => [powerBounds(x, exponent)],
  examples: [
    ...[1, 2, 3, 5].map((exponent) => ({
      shapes: [[2, 3]],
      attributes: { exponent },
      range: [-2, 2] as const,
    })),
    ...[0, -1, -2, 0.5, -0.5, 1.5].map((exponent) => ({
      shapes: [[4]],
      attributes: { exponent },
      range: [0.5, 3] as const,
    })),
  ],
};

function powerBounds(x: Interval, exponent: number): Interval {
  if (Number.isInteger(exponent) && exponent >= 1)
    return Array.from({ length: exponent - 1 }).reduce<Interval>((y) => timesInterval(x.shape, y, x), x);
  if (x.low.data.some((v) => v <= 0)) return between(x.shape, -Infinity, Infinity);
  const [low, high] = [x.low, x.high].map((end) => map(end, (v) => v ** exponent));
  return exponent < 0 ? { shape: x.shape, low: high, high: low } : { shape: x.shape, low, high };
}

function power<T>(k: Operations<T>, x: T, exponent: number): T {
  if (exponent === 0) return k.add(k.mul(x, 0), 1);
  if (exponent === 0.5) return k.sqrt(x);
  if (exponent === -0.5) return k.invSqrt(x);
  if (!Number.isInteger(exponent)) return k.exp(k.mul(k.log(x), exponent));
  return exponent < 0 ? wholePower(k, k.reciprocal(x), -exponent) : wholePower(k, x, exponent);
}

function wholePower<T>(k: Operations<T>, x: T, exponent: number): T {
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
   * x to a public power. Whole powers take a round for each squaring and product; those below 0 are powers of the
   * reciprocal; 1/2 and -1/2 are `sqrt` and `invSqrt`; any other is exp(p log(x)), for x > 0. The power 0 is 1.
   * @param exponent any number
   * @returns the shape of x
   * @throws ArgumentError for what is not a number
   * @example x.pow(3)
   */
  pow: (_x: unknown, exponent: number) => ({ attributes: { exponent: checked('pow', exponent) } }),

  /**
   * x to a public power, for x > 0: exp(p log(x)) unless the power is a whole number or a root.
   * @param exponent any number
   * @returns the shape of x
   * @throws ArgumentError for what is not a number
   * @example x.posPow(2.4)
   */
  posPow: (_x: unknown, exponent: number) => ({ attributes: { exponent: checked('posPow', exponent) } }),
};

function checked(method: string, exponent: number): number {
  if (!Number.isFinite(exponent)) throw new ArgumentError(`${method}: an exponent of ${exponent}`);
  return exponent;
}
