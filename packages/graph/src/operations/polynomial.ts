/** A polynomial without a constant term, by powers that are made from halves. */
import { ArgumentError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operations } from '../operation/operations.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';

interface PolynomialAttributes {
  /** Of x, x^2, and so on. */
  readonly coefficients: readonly number[];
}

const valueAt = (coefficients: readonly number[], v: number): number =>
  coefficients.reduceRight((sum, c) => (sum + c) * v, 0);

export const definition: OperationDefinition<'Polynomial', PolynomialAttributes> = {
  op: 'Polynomial',
  summary: 'a1 x + a2 x^2 + ...',
  attributes: { coefficients: 'numbers' },
  arity: [1, 1],
  infer(inputs, { coefficients }) {
    if (coefficients.length === 0 || !coefficients.every(Number.isFinite))
      throw new ArgumentError(
        `a polynomial has one coefficient at least, all of them numbers; got [${coefficients}]`,
      );
    return [at(inputs, 0)];
  },
  evaluate: ([x], { coefficients }) => [map(x, (v) => valueAt(coefficients, v))],
  expand: (k, [x], { coefficients }) => [sumOfPowers(k, x, coefficients)],
  gradient(k, { inputs: [x], dy: [dy], attributes: { coefficients } }) {
    const [first, ...others] = coefficients.map((c, i) => c * (i + 1));
    return [others.length === 0 ? k.mul(dy, first) : k.mul(k.add(sumOfPowers(k, x, others), first), dy)];
  },
  examples: [
    { shapes: [[2, 3]], attributes: { coefficients: [1, -0.5, 0.25] }, range: [-2, 2] },
    { shapes: [[4]], attributes: { coefficients: [0.3] } },
    { shapes: [[]], attributes: { coefficients: [0, 0, 0, 1, 0.5] }, range: [-1.5, 1.5] },
    { shapes: [[0]], attributes: { coefficients: [1, 2] } },
  ],
};

function sumOfPowers<T>(k: Operations<T>, x: T, coefficients: readonly number[]): T {
  const powers = new Map<number, T>([[1, x]]);
  const power = (n: number): T => {
    const known = powers.get(n);
    if (known !== undefined) return known;
    const half = Math.floor(n / 2);
    const made = n % 2 === 0 ? k.square(power(half)) : k.mul(power(half), power(half + 1));
    powers.set(n, made);
    return made;
  };
  const terms = coefficients.flatMap((c, i) => (c === 0 ? [] : [k.mul(power(i + 1), c)]));
  if (terms.length === 0) return k.mul(x, 0);
  return terms.reduce((sum, term) => k.add(sum, term));
}

export const methods = {
  /**
   * a1 x + a2 x^2 + ... for public coefficients. A round for each doubling of the degree, and a truncation.
   * @param coefficients a1, a2, and so on; there is no constant term
   * @returns the shape of x
   * @throws ArgumentError without coefficients, or for one that is not a number
   * @example x.polynomial([1, 0, -1 / 6])
   */
  polynomial: (_x: unknown, coefficients: readonly number[]) => ({ attributes: { coefficients } }),
};
