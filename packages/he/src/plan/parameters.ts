/**
 * The choice of ring degree, primes and scales: the cheapest that keep the security asked for and the precision asked
 * for. How the bits of the modulus are split (scale of the values, scale of the weights, room for the result) decides
 * the precision, so all splits are tried.
 */

import { findPrimes } from '../backend/primes.js';
import { activationDepth, type NormalNetwork } from '../network/normalize.js';
import { HePlanError } from './errors.js';
import { errorGains, expectedError, LARGEST_OF_OUTPUTS, type NoiseModel } from './noise.js';
import type { Ranges } from './ranges.js';
import { depthOf, type Schedule, schedule } from './schedule.js';
import { maxModulusBits, RING_DEGREES, type SecurityBits } from './security.js';

/** Parameters of a CKKS instance; all primes are below 2^30. */
export interface CkksChoice {
  readonly ringDegree: number;
  /** Data primes, the last dropped first. */
  readonly primes: readonly number[];
  readonly specialPrime: number;
  readonly security: SecurityBits;
}

export interface ParameterChoice {
  readonly parameters: CkksChoice;
  readonly schedule: Schedule;
  /** Largest error of an output that is to be expected. */
  readonly expectedError: number;
  /** Whether no input in range can leave the room of the result's modulus; else only inputs unlike the samples can. */
  readonly guaranteed: boolean;
}

export interface ParameterOptions {
  readonly precision: number;
  readonly security: SecurityBits;
  /** Values must have room for this many times the largest that the samples showed, where bounds are out of reach. */
  readonly headroom: number;
  readonly ringDegree?: number;
}

const SPECIAL_BITS = 30;
const PRIME_BITS = [30, 29, 28, 27, 26, 25, 24];
/** Expected errors are estimates; a trial follows. */
const CAUTION = 2;
/** Constants are encoded with coefficients below 2^62. */
const MAX_CONSTANT_BITS = 60;
/** Weights are encoded by double precision arithmetic. */
const MAX_WEIGHT_BITS = 40;

/**
 * All choices that should reach the precision, the cheapest first.
 * @param noiseOf rotations and diagonals of the network's affine maps for a number of slots
 * @throws HePlanError (code HE_PLAN) when the network is too deep, or the precision is out of reach; it says by how much
 */
export function chooseParameters(
  network: NormalNetwork,
  ranges: Ranges,
  options: ParameterOptions,
  noiseOf: (ringDegree: number) => Pick<NoiseModel, 'rotations' | 'diagonals' | 'folded'>,
): ParameterChoice[] {
  const depth = depthOf(network);
  const gains = errorGains(network);
  const found: ParameterChoice[] = [];
  let closest = Number.POSITIVE_INFINITY;
  const degrees = RING_DEGREES.filter((n) =>
    options.ringDegree === undefined ? n >= 2048 : n === options.ringDegree,
  );
  for (const ringDegree of degrees) {
    const room = maxModulusBits(ringDegree, options.security) - SPECIAL_BITS;
    for (const reserve of [1, 2, 3])
      for (const bits of PRIME_BITS) {
        const count = depth + reserve;
        if (count * bits > room) continue;
        const specialPrime = findPrimes(ringDegree, SPECIAL_BITS, 1)[0];
        if (specialPrime === undefined) continue;
        const primes = findPrimes(ringDegree, bits, count, [specialPrime]);
        if (primes.length < count) continue;
        const parameters = { ringDegree, primes, specialPrime, security: options.security };
        const model = {
          ringDegree,
          primeBits: bits,
          specialBits: SPECIAL_BITS,
          gains,
          rotations: [],
          diagonals: [],
          folded: [],
        };
        // Without the noise of rotations first: layouts are searched only where that is precise enough.
        const optimistic = bestSplit(network, ranges, parameters, model, options);
        if (optimistic === undefined) continue;
        if (optimistic.expectedError * CAUTION > options.precision) {
          closest = Math.min(closest, optimistic.expectedError);
          continue;
        }
        const choice = bestSplit(network, ranges, parameters, { ...model, ...noiseOf(ringDegree) }, options);
        if (choice === undefined) continue;
        closest = Math.min(closest, choice.expectedError);
        if (choice.expectedError * CAUTION <= options.precision) found.push(choice);
      }
    if (found.length > 0) return found.sort((a, b) => costOf(a) - costOf(b));
  }
  if (closest === Number.POSITIVE_INFINITY) {
    const ringDegree = degrees.at(-1) ?? 0;
    const levels = levelsOf(ringDegree, options.security);
    throw depth > levels
      ? tooDeep(network, depth, ringDegree, options.security)
      : tooLarge(network, ranges, ringDegree);
  }
  throw new HePlanError(
    `An error of ${options.precision} is out of reach: ${closest.toExponential(1)} is the best to be expected. ` +
      'Ask for less precision, or keep the values of the network smaller (batch normalisation before activations).',
  );
}

/** Levels at the smallest primes. */
const levelsOf = (ringDegree: number, security: SecurityBits): number =>
  Math.max(
    0,
    Math.floor((maxModulusBits(ringDegree, security) - SPECIAL_BITS) / Math.min(...PRIME_BITS)) - 1,
  );

/** Names the layer whose values no parameters have room for. */
function tooLarge(network: NormalNetwork, { stages }: Ranges, ringDegree: number): HePlanError {
  const reach = stages.map(({ bound, constant }) => Math.max(bound, constant));
  const largest = Math.max(...reach);
  const layers = network.stages[reach.indexOf(largest)]?.layers ?? [];
  return new HePlanError(
    `The values of ${layers.join(' + ')} may reach ${largest.toExponential(1)} for inputs in range; ring degree ` +
      `${ringDegree} has no room for them. Keep the values of the network smaller (batch normalisation before ` +
      'activations, smaller weights) or the input range narrower.',
  );
}

/** Names the layer at which even the smallest primes of the largest ring degree are used up. */
function tooDeep(
  network: NormalNetwork,
  depth: number,
  ringDegree: number,
  security: SecurityBits,
): HePlanError {
  const room = levelsOf(ringDegree, security);
  let used = 0;
  const stage = network.stages.find((each) => {
    used += each.kind === 'activation' ? activationDepth(each.activation) : 1;
    return used > room;
  });
  const where = stage === undefined ? 'its end' : `layer ${stage.layers.join(' + ')}`;
  return new HePlanError(
    `The network needs ${depth} levels; ring degree ${ringDegree} has room for ${room} at ${security}-bit ` +
      `security, which are used up at ${where}. Use fewer activations or ones of lower degree, or run layers one at a ` +
      'time with the help of the client (reencryptAt).',
  );
}

/**
 * Kilobytes up and down, plus what a prime more costs in time. Results that no input can drive out of range are worth
 * a little: where they are not guaranteed, the client notices, because slots that should be free then hold something.
 */
function costOf({ parameters, schedule: plan, guaranteed }: ParameterChoice): number {
  const kilobits = (parameters.ringDegree * Math.log2(parameters.primes[0] as number)) / 8192;
  const traffic = kilobits * (parameters.primes.length + 2 * plan.outputLevel);
  return traffic + 100 * parameters.primes.length + (guaranteed ? 0 : 50);
}

function bestSplit(
  network: NormalNetwork,
  ranges: Ranges,
  parameters: CkksChoice,
  model: NoiseModel,
  options: ParameterOptions,
): ParameterChoice | undefined {
  let best: ParameterChoice | undefined;
  const { primes } = parameters;
  const bits = Math.log2(primes[0] as number);
  for (const guaranteed of [true, false]) {
    const limit = (i: number) => {
      const range = i < 0 ? ranges.input : ranges.stages[i];
      if (range === undefined) return 0;
      const last = i === network.stages.length - 1;
      const bound =
        last && !guaranteed && Number.isFinite(options.headroom)
          ? Math.min(range.bound, range.largest * options.headroom)
          : range.bound;
      return Math.max(bound, range.constant);
    };
    for (let scaleBits = Math.floor(bits) - 10; scaleBits <= bits + 12; scaleBits++)
      for (let lastBits = scaleBits - 10; lastBits <= scaleBits; lastBits++) {
        const scales = { primes, scale: 2 ** scaleBits, lastScale: 2 ** lastBits };
        const trial = schedule(network, { ...scales, lastWeightScale: 1 });
        const room = logProduct(primes, trial.outputLevel) - 2;
        const largest = Math.max(limit(network.stages.length - 1), 1e-9);
        const constant = Math.max(ranges.stages.at(-1)?.constant ?? 0, 1e-9);
        const weightBits = Math.min(
          MAX_WEIGHT_BITS,
          Math.floor(room - Math.log2(trial.outputScale * largest)),
          Math.floor(MAX_CONSTANT_BITS - Math.log2(trial.outputScale * constant)),
        );
        if (weightBits < 4) continue;
        const plan = schedule(network, { ...scales, lastWeightScale: 2 ** weightBits });
        if (!fits(plan, primes, ranges, limit)) continue;
        const error = LARGEST_OF_OUTPUTS * expectedError(network, plan, ranges, model);
        if (best === undefined || error < best.expectedError)
          best = { parameters, schedule: plan, expectedError: error, guaranteed };
      }
    if (best !== undefined && best.expectedError * CAUTION <= options.precision) break;
  }
  return best;
}

const logProduct = (primes: readonly number[], count: number): number =>
  primes.slice(0, count).reduce((sum, prime) => sum + Math.log2(prime), 0);

/** Whether every value times its scale stays below a quarter of the modulus that it is computed modulo. */
function fits(
  plan: Schedule,
  primes: readonly number[],
  ranges: Ranges,
  limit: (stage: number) => number,
): boolean {
  return plan.steps.every((step, i) => {
    const room = logProduct(primes, step.level) - 2;
    const before = step.kind === 'affine' ? step.scaleIn * step.weightScale : step.scaleIn ** 2;
    const value = step.kind === 'affine' ? limit(i) : Math.max(limit(i), limit(i - 1) ** 2);
    if (step.kind === 'affine' && step.weightScale < 16) return false;
    const constant = ranges.stages[i]?.constant ?? 0;
    if (step.kind === 'affine' && step.scaleOut * constant > 2 ** MAX_CONSTANT_BITS) return false;
    // Every product's scale must itself be below the modulus, however small the values are.
    if (before >= 2 ** logProduct(primes, step.level)) return false;
    const last = plan.steps[i + 1]?.level ?? plan.outputLevel;
    if (step.kind === 'activation' && step.scaleOut >= 2 ** logProduct(primes, last)) return false;
    return Math.log2(Math.max(before, step.scaleIn)) + Math.log2(Math.max(value, 1e-9)) <= room;
  });
}
