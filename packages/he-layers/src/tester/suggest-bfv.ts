/** Parameters for BFV with fractional digits. */

import type { SecurityBits } from '@tacit/he';
import { loadHeLibrary, nextPlainModulus } from '@tacit/he/backend';
import { Polynomial } from '../layers/activations.js';
import { BfvNoise } from '../layers/bfv-noise.js';
import { FractionalCode } from '../layers/fractional-code.js';
import { AffineLayer } from '../layers/layer.js';
import type { EncodedNetwork } from '../layers/network.js';
import type { PyCrCnnParameters } from './config.js';
import { measureDigitGrowth } from './digit-growth.js';

export interface BfvSuggestion {
  readonly parameters: PyCrCnnParameters;
  /** Bits of noise budget that should remain at the end. */
  readonly expected_noise_budget: number;
  /** Largest coefficient that the samples led to. */
  readonly largest_coefficient: number;
}

/** Coefficients may be so many times those of the samples. */
const MARGIN = 16;
/** Largest coefficient of the noise, in standard deviations. */
const DEVIATIONS = 6;
const LEAST_BUDGET = 4;

/** @returns a reason where there are none */
export async function suggestBfv(
  network: EncodedNetwork,
  samples: readonly ArrayLike<number>[],
  options: { readonly precision: number; readonly security: SecurityBits },
): Promise<BfvSuggestion | string> {
  // Errors of digits are cut off at about the same place in every product, and add up along a few of them.
  const fracDigits = Math.min(64, Math.max(8, Math.ceil(-Math.log2(options.precision)) + 8));
  const digits = { integerDigits: 64, fractionalDigits: fracDigits };
  let [largest, length] = [0, 0];
  for (const sample of samples)
    for (const layer of measureDigitGrowth(network, new FractionalCode(32768, digits), sample)) {
      largest = Math.max(largest, layer.largest);
      length = Math.max(length, layer.length);
    }
  const wanted = 2 * largest * MARGIN;
  if (wanted >= 2 ** 59)
    return (
      `digits grow to ${largest.toExponential(1)}, beyond what a plain modulus below 2^60 holds: ask for less precision, or take CKKS ` +
      '(re-encryption keeps digits as they are)'
    );
  const library = await loadHeLibrary();
  for (const ringDegree of [4096, 8192, 16384, 32768]) {
    if (length > ringDegree / 2 || digits.fractionalDigits > ringDegree / 4) continue;
    const plainModulus = nextPlainModulus(ringDegree, BigInt(Math.ceil(Math.max(wanted, 2 ** 14))));
    let moduli: readonly bigint[];
    try {
      using context = library.createContext({
        scheme: 'bfv',
        ringDegree,
        plainModulus,
        securityBits: options.security,
      });
      moduli = context.moduli.slice(0, context.levels);
    } catch {
      // No room for this plain modulus in a ring of this size.
      continue;
    }
    const noise = new BfvNoise(ringDegree, plainModulus, moduli);
    const deviation = expectedNoise(network, noise, new FractionalCode(ringDegree, digits));
    const budget = noise.budget(deviation + Math.log2(DEVIATIONS));
    if (budget < LEAST_BUDGET) continue;
    const parameters: PyCrCnnParameters = {
      m: ringDegree,
      p: Number(plainModulus) <= Number.MAX_SAFE_INTEGER ? Number(plainModulus) : `${plainModulus}`,
      sec: options.security,
      base: 2,
      rencrypt_positions: [],
      intDigits: digits.integerDigits,
      fracDigits,
    };
    return { parameters, expected_noise_budget: Math.floor(budget), largest_coefficient: largest };
  }
  return (
    `the noise of a network of this depth, with a plain modulus of ${Math.ceil(Math.log2(wanted))} bits, fits no ring up to 32768: ` +
    're-encrypt in between (rencrypt_positions), ask for less precision, or take CKKS'
  );
}

/**
 * log2 of the standard deviation of the noise after all layers: what is typical, where `BfvNoise` bounds the worst case
 * by some ten bits more for each product.
 */
function expectedNoise(network: EncodedNetwork, noise: BfvNoise, code: FractionalCode): number {
  const digitsOf = new Map<number, number>();
  /** Sum of the squares of a weight's digits. */
  const squares = (value: number) => {
    let sum = digitsOf.get(value);
    if (sum === undefined) {
      sum = code.digits(value).reduce((total, digit) => total + digit * digit, 0);
      digitsOf.set(value, sum);
    }
    return sum;
  };
  let shape = network.inputShape;
  let now = noise.expectedFresh;
  for (const layer of network.layers) {
    if (layer instanceof AffineLayer) {
      const { matrix } = layer.mapFor(shape).map;
      let gain = 1;
      for (let row = 0; row < matrix.rows; row++) {
        let sum = 0;
        matrix.forRow(row, (_, value) => {
          sum += squares(value);
        });
        gain = Math.max(gain, sum);
      }
      now += Math.log2(gain) / 2;
    } else if (layer instanceof Polynomial) {
      now = noise.expectedSquare(now);
      if (layer.coefficients.length > 3) now = noise.expectedSquare(now);
      now += Math.log2(Math.max(1, squares(layer.coefficients.at(-1) ?? 1))) / 2;
    }
    shape = layer.outputShape(shape);
  }
  return now;
}
