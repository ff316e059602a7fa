/**
 * How large coefficients and how long polynomials become when a network is computed on fractional digits: what decides
 * the plain modulus in BFV. Computed exactly, on the digits of samples, without encryption.
 */
import { HeArgumentError } from '@tacit/he';
import { Polynomial } from '../layers/activations.js';
import type { AffineMap } from '../layers/affine-map.js';
import type { FractionalCode } from '../layers/fractional-code.js';
import { AffineLayer } from '../layers/layer.js';
import { Move } from '../layers/moves.js';
import type { EncodedNetwork } from '../layers/network.js';

/** Coefficients of the powers from `low` on of the base. Doubles: exact below 2^53, and good enough above. */
interface Digits {
  readonly low: number;
  readonly values: Float64Array;
}

export interface DigitGrowth {
  readonly layer: string;
  /** Largest absolute coefficient. */
  readonly largest: number;
  /** Powers from the lowest to the highest. */
  readonly length: number;
}

/** Largest number of products of digits that is computed: some seconds. */
const MOST_PRODUCTS = 3e9;

/**
 * @throws HeArgumentError for networks that are too large for it
 */
export function measureDigitGrowth(
  network: EncodedNetwork,
  code: FractionalCode,
  sample: ArrayLike<number>,
): DigitGrowth[] {
  const encode = (value: number) => encodeDigits(code, value);
  let shape = network.inputShape;
  let values = Array.from(sample, encode);
  let work = 0;
  return network.layers.map((layer) => {
    if (layer instanceof AffineLayer) {
      const { map } = layer.mapFor(shape);
      work += map.matrix.entries * (values[0]?.values.length ?? 1) * 12;
      if (work > MOST_PRODUCTS)
        throw new HeArgumentError('the network is too large to follow the digits through it; take CKKS');
      values = affine(values, map, encode);
    } else if (layer instanceof Polynomial) values = values.map((x) => evaluate(x, layer, encode));
    else if (layer instanceof Move) {
      const fill = encode(layer.fill);
      values = Array.from(layer.sources(shape), (from) => (from < 0 ? fill : values[from]));
    }
    shape = layer.outputShape(shape);
    return { layer: layer.name, ...extent(values) };
  });
}

function encodeDigits(code: FractionalCode, value: number): Digits {
  const digits = code.digits(value);
  return trim({ low: -code.fractionalDigits, values: Float64Array.from(digits) });
}

function trim({ low, values }: Digits): Digits {
  let [first, last] = [0, values.length - 1];
  while (first < last && values[first] === 0) first++;
  while (last > first && values[last] === 0) last--;
  return { low: low + first, values: values.slice(first, last + 1) };
}

function extent(values: readonly Digits[]): { largest: number; length: number } {
  let [largest, low, high] = [0, 0, 0];
  for (const digits of values) {
    for (const value of digits.values) largest = Math.max(largest, Math.abs(value));
    low = Math.min(low, digits.low);
    high = Math.max(high, digits.low + digits.values.length);
  }
  return { largest, length: high - low };
}

function affine(x: readonly Digits[], map: AffineMap, encode: (value: number) => Digits): Digits[] {
  const weights = new Map<number, Digits>();
  const results: Digits[] = [];
  for (let row = 0; row < map.matrix.rows; row++) {
    const terms: [Digits, Digits][] = [];
    map.matrix.forRow(row, (column, value) => {
      let weight = weights.get(value);
      if (weight === undefined) {
        weight = encode(value);
        weights.set(value, weight);
      }
      terms.push([weight, x[column]]);
    });
    const shift = encode(map.shift(row));
    terms.push([shift, ONE]);
    results.push(sumOfProducts(terms));
  }
  return results;
}

const ONE: Digits = { low: 0, values: Float64Array.of(1) };

function sumOfProducts(terms: readonly (readonly [Digits, Digits])[]): Digits {
  let [low, high] = [0, 1];
  for (const [a, b] of terms) {
    low = Math.min(low, a.low + b.low);
    high = Math.max(high, a.low + b.low + a.values.length + b.values.length - 1);
  }
  const values = new Float64Array(high - low);
  for (const [a, b] of terms) {
    const offset = a.low + b.low - low;
    for (let i = 0; i < a.values.length; i++) {
      const digit = a.values[i];
      if (digit !== 0)
        for (let j = 0; j < b.values.length; j++) values[offset + i + j] += digit * b.values[j];
    }
  }
  return trim({ low, values });
}

/** The products that `BfvArithmetic` does. */
function evaluate(x: Digits, layer: Polynomial, encode: (value: number) => Digits): Digits {
  const { shift, activation, factor, constant } = layer.form;
  const plus = (a: Digits, value: number) =>
    value === 0
      ? a
      : sumOfProducts([
          [a, ONE],
          [encode(value), ONE],
        ]);
  const u = plus(x, shift);
  const square = sumOfProducts([[u, u]]);
  let result = square;
  if (activation.kind === 'cubic') result = sumOfProducts([[u, plus(square, activation.p)]]);
  if (activation.kind === 'quartic') {
    const inner = plus(square, activation.p / 2);
    result = sumOfProducts([
      [inner, inner],
      [u, encode(activation.r)],
    ]);
  }
  return plus(factor === 1 ? result : sumOfProducts([[result, encode(factor)]]), constant);
}
