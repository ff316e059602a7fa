/** Parameters for encoded layers in CKKS: a dry run over levels, scales and noise for each choice. */

import { HeLevelError, HeParametersError, maxModulusBits, type SecurityBits } from '@tacit/he';
import { findPrimes } from '@tacit/he/backend';
import { boundOf, type Interval, sizeOf, uniformInterval } from '@tacit/he/network';
import { Polynomial } from '../layers/activations.js';
import { CkksLevels, type LevelAndScale } from '../layers/ckks-levels.js';
import { AffineLayer } from '../layers/layer.js';
import type { EncodedNetwork, NetworkLayer } from '../layers/network.js';
import type { ValueRange } from '../layers/tensor.js';
import type { CkksTestParameters } from './config.js';

export interface CkksSuggestion {
  readonly parameters: CkksTestParameters;
  /** Largest error of an output that is to be expected, from the variances of the noise. */
  readonly expected_error: number;
  /** Levels that are left. */
  readonly final_level: number;
}

const SPECIAL_BITS = 30;
const SPARE_PRIMES = 2;
const MOST_PRIMES = 24;
/** Expected errors are estimates. */
const CAUTION = 2;
/** Standard deviation of fresh noise in SEAL, and deviations of the largest of many errors. */
const SIGMA = 3.2;
const LARGEST = 4.5;

/** The cheapest choice that should reach the precision, or a reason why there is none. */
export function suggestCkks(
  network: EncodedNetwork,
  samples: readonly ArrayLike<number>[],
  options: { readonly precision: number; readonly security: SecurityBits; readonly range: ValueRange },
): CkksSuggestion | string {
  let closest: number | undefined;
  let reason = '';
  const facts = factsOf(network, samples, options.range);
  for (const ringDegree of [2048, 4096, 8192, 16384, 32768]) {
    let best: (CkksSuggestion & { readonly primes: number }) | undefined;
    const room = maxModulusBits(ringDegree, options.security);
    for (let bits = 30; bits >= 20; bits--) {
      const special = Math.min(SPECIAL_BITS, bits + 2);
      const chain = primesFor(ringDegree, bits, special, Math.floor((room - special) / bits));
      // More primes than a few above the fewest that do cost time, and hardly help.
      let most = chain.length;
      for (let count = 1; count <= most; count++)
        for (let scaleBits = Math.min(bits + 10, 38); scaleBits >= bits - 6; scaleBits--) {
          const trial = tryOut(facts, { ringDegree, bits, count, special, scaleBits }, chain);
          if (typeof trial === 'string') {
            reason = trial;
            continue;
          }
          most = Math.min(most, count + SPARE_PRIMES);
          closest = Math.min(closest ?? trial.expected_error, trial.expected_error);
          if (trial.expected_error * CAUTION > options.precision) continue;
          if (
            best === undefined ||
            count < best.primes ||
            (count === best.primes && trial.expected_error < best.expected_error)
          )
            best = { ...trial, primes: count };
        }
    }
    if (best !== undefined) {
      const { parameters, expected_error, final_level } = best;
      const securityBits = options.security;
      return { parameters: { ...parameters, securityBits }, expected_error, final_level };
    }
  }
  return closest === undefined
    ? reason
    : `an error of ${options.precision} is out of reach; ${closest.toExponential(1)} is the best to be expected`;
}

/** Largest absolute values before each layer, and at the end. */
function largestValues(network: EncodedNetwork, samples: readonly ArrayLike<number>[]): number[] {
  const found = new Array<number>(network.layers.length + 1).fill(0);
  const gather = (values: ArrayLike<number>, at: number) => {
    for (let i = 0; i < values.length; i++) found[at] = Math.max(found[at], Math.abs(values[i]));
  };
  for (const sample of samples) {
    gather(sample, 0);
    network.plain(sample, (values, index) => gather(values, index + 1));
  }
  return found;
}

/** Up to `most` data primes, beside the special one. */
function primesFor(ringDegree: number, bits: number, special: number, most: number): number[] {
  for (let count = Math.min(most, MOST_PRIMES); count > 0; count--)
    try {
      const [specialPrime] = findPrimes(ringDegree, special, 1);
      return findPrimes(ringDegree, bits, count, [specialPrime]);
    } catch (error) {
      if (!(error instanceof HeParametersError)) throw error;
    }
  return [];
}

interface Choice {
  readonly ringDegree: number;
  readonly bits: number;
  readonly count: number;
  readonly special: number;
  readonly scaleBits: number;
}

/** What is the same for all choices. */
interface LayerFacts {
  readonly layer: NetworkLayer;
  readonly input: Interval;
  readonly output: Interval;
  /** Largest absolute value before it. */
  readonly largest: number;
  readonly affine?: {
    readonly commonWeight: number | undefined;
    readonly rowNorm: number;
    readonly rowLength: number;
  };
}

function factsOf(
  network: EncodedNetwork,
  samples: readonly ArrayLike<number>[],
  { low, high }: ValueRange,
): LayerFacts[] {
  const largest = largestValues(network, samples);
  let shape = network.inputShape;
  let input: Interval = uniformInterval(sizeOf(shape), low, high);
  return network.layers.map((layer, i) => {
    const output = layer.bounds(input, shape);
    const map = layer instanceof AffineLayer ? layer.mapFor(shape).map : undefined;
    const facts = {
      layer,
      input,
      output,
      largest: largest[i],
      affine: map && {
        commonWeight: map.commonWeight,
        rowNorm: rowNorm(map.matrix),
        rowLength: map.matrix.entries / map.matrix.rows,
      },
    };
    input = output;
    shape = layer.outputShape(shape);
    return facts;
  });
}

function tryOut(
  facts: readonly LayerFacts[],
  { ringDegree, bits, count, special, scaleBits }: Choice,
  chain: readonly number[],
): CkksSuggestion | string {
  const primes = chain.slice(0, count);
  const levels = new CkksLevels(primes, 2 ** scaleBits);
  const slot = Math.sqrt(ringDegree / 2);
  const rounding = slot * Math.sqrt(ringDegree / 18 + 1 / 12);
  const keySwitch = (level: number) =>
    slot * Math.hypot(Math.sqrt((level * ringDegree) / 12) * SIGMA * 2 ** (bits - special), rounding / slot);
  let state: LevelAndScale = { level: count, scale: 2 ** scaleBits };
  let error = (slot * SIGMA) / state.scale;
  if (facts.length > 0 && !levels.fits(state.scale, boundOf(facts[0].input), count))
    return 'The scale has no room for the input.';
  try {
    for (const { layer, input, output, largest, affine } of facts) {
      if (affine !== undefined) {
        error *= affine.rowNorm;
        if (affine.commonWeight !== undefined) {
          state = { ...state, scale: state.scale / Math.abs(affine.commonWeight) };
          continue;
        }
        const step = levels.affine(state, output, layer.name);
        // Weights are rounded: by 0.29 / weightScale each.
        error = Math.hypot(
          error,
          (0.29 * Math.sqrt(affine.rowLength) * largest) / step.weightScale,
          step.rescale ? rounding / step.scale : 0,
        );
        state = step;
      } else if (layer instanceof Polynomial) {
        const step = levels.polynomial(state, layer.form, { input, output }, layer.name);
        const slopes = layer.coefficients.slice(1).map((c, k) => Math.abs(c) * (k + 1));
        const slope = slopes.reduce((sum, c, k) => sum + c * largest ** k, 0);
        error = Math.hypot(
          slope * error,
          keySwitch(state.level) / (state.scale * state.scale),
          step.rescale ? Math.hypot(rounding, keySwitch(state.level) / primes[step.level]) / step.scale : 0,
        );
        state = step;
      }
    }
  } catch (failure) {
    if (failure instanceof HeLevelError) return failure.message;
    throw failure;
  }
  return {
    parameters: {
      scheme: 'ckks',
      ringDegree,
      primeBits: new Array<number>(count).fill(bits),
      specialPrimeBits: special,
      scaleBits,
      reencryptAt: [],
    },
    expected_error: LARGEST * error,
    final_level: state.level,
  };
}

/** Euclidean norm of the largest row: what independent errors are amplified by. */
function rowNorm(matrix: {
  rows: number;
  forRow(row: number, visit: (column: number, value: number) => void): void;
}): number {
  let largest = 0;
  for (let row = 0; row < matrix.rows; row++) {
    let sum = 0;
    matrix.forRow(row, (_, value) => {
      sum += value * value;
    });
    largest = Math.max(largest, sum);
  }
  return Math.sqrt(largest);
}
