/** What the parameter tester is asked for: PyCrCNN's JSON, or our own form. */

import { HeArgumentError, HeParametersError } from '@tacit/he';
import { findPrimes, nextPlainModulus, type SecurityBits } from '@tacit/he/backend';
import type { BfvLayerParameters } from '../layers/bfv.js';
import type { CkksLayerParameters } from '../layers/ckks.js';

/** A set of parameters as PyCrCNN writes it: BFV with fractional encoding. */
export interface PyCrCnnParameters {
  /** Ring degree. */
  readonly m: number;
  /** Plain modulus; the next prime that fits the ring is taken. */
  readonly p: number | string;
  /** Bits of security: 128 (default), 192 or 256. */
  readonly sec?: number;
  /** Base of the digits. Default 2. */
  readonly base?: number;
  /** Re-encrypt before these layers. */
  readonly rencrypt_positions?: readonly number[];
  /** Default 64 and 32, as in Pyfhel. */
  readonly intDigits?: number;
  readonly fracDigits?: number;
}

export interface BfvTestParameters {
  readonly scheme: 'bfv';
  readonly ringDegree: number;
  readonly plainModulus: number | string | bigint;
  readonly coefficientBits?: readonly number[];
  readonly securityBits?: SecurityBits;
  readonly base?: number;
  readonly integerDigits?: number;
  readonly fractionalDigits?: number;
  readonly reencryptAt?: readonly number[];
}

export interface CkksTestParameters {
  readonly scheme: 'ckks';
  readonly ringDegree: number;
  /** Bits (at most 30) of the data primes; the last one is dropped first. */
  readonly primeBits?: readonly number[];
  /** Or the primes themselves. */
  readonly primes?: readonly number[];
  /** Default: 30 bits. */
  readonly specialPrimeBits?: number;
  readonly specialPrime?: number;
  /** log2 of the scale. Default: the bits of the last prime. */
  readonly scaleBits?: number;
  readonly securityBits?: SecurityBits;
  readonly reencryptAt?: readonly number[];
}

export type TestParameters = PyCrCnnParameters | BfvTestParameters | CkksTestParameters;

export interface TesterConfig {
  /** PyCrCNN's name; sets in either form. */
  readonly encryption_parameters: readonly TestParameters[];
  /** 'y': a line for each layer as it ends. */
  readonly debug?: 'y' | 'n' | boolean;
  /** What inputs may hold: scales and masks are chosen by it. Default [0, 1]. */
  readonly inputRange?: readonly [number, number];
  /** Shape of one input with a batch of 1, where the file leaves sizes open. */
  readonly inputShape?: readonly number[];
  /** How well re-encryptions hide activations. Default 40. */
  readonly statisticalBits?: number;
  /**
   * Re-encrypt unmasked where there is no room for a mask. Default: true for PyCrCNN's form, which does nothing else,
   * false for ours. Reports say which layers were not masked.
   */
  readonly leakActivations?: boolean;
}

/** A set ready to run. */
export interface PreparedParameters {
  readonly given: TestParameters;
  readonly parameters: BfvLayerParameters | CkksLayerParameters;
  readonly reencryptAt: readonly number[];
  readonly leakActivations: boolean;
  /** What was changed, and why. */
  readonly notes: readonly string[];
}

/**
 * Checks a parsed JSON file.
 * @throws HeArgumentError (HE_ARGUMENT) that names what is wrong
 */
export function readTesterConfig(json: unknown): TesterConfig {
  const config = record(json, 'the parameter file');
  const sets = config.encryption_parameters ?? config.parameters;
  if (!Array.isArray(sets) || sets.length === 0)
    throw new HeArgumentError(
      'the parameter file needs a list "encryption_parameters" with at least one set',
    );
  sets.forEach((set, i) => {
    checkSet(record(set, `set ${i}`), `set ${i}`);
  });
  const { debug, inputRange, inputShape, statisticalBits, leakActivations } = config;
  if (debug !== undefined && typeof debug !== 'boolean' && debug !== 'y' && debug !== 'n')
    throw new HeArgumentError('"debug" is "y" or "n"');
  if (inputRange !== undefined) {
    const [low, high, ...rest] = numbers(inputRange, '"inputRange"');
    if (rest.length > 0 || !(low < high))
      throw new HeArgumentError('"inputRange" is two numbers, the lower one first');
  }
  if (inputShape !== undefined) numbers(inputShape, '"inputShape"');
  if (statisticalBits !== undefined) number(statisticalBits, '"statisticalBits"');
  if (leakActivations !== undefined && typeof leakActivations !== 'boolean')
    throw new HeArgumentError('"leakActivations" is true or false');
  return { ...config, encryption_parameters: sets } as unknown as TesterConfig;
}

function checkSet(set: Record<string, unknown>, where: string): void {
  const lists = ['rencrypt_positions', 'reencryptAt', 'coefficientBits', 'primeBits', 'primes'];
  const single = [
    'm',
    'sec',
    'base',
    'intDigits',
    'fracDigits',
    'ringDegree',
    'securityBits',
    'integerDigits',
  ];
  const more = ['fractionalDigits', 'specialPrimeBits', 'specialPrime', 'scaleBits'];
  for (const name of lists) if (set[name] !== undefined) numbers(set[name], `${where}: "${name}"`);
  for (const name of [...single, ...more])
    if (set[name] !== undefined) number(set[name], `${where}: "${name}"`);
  if (set.scheme !== undefined && set.scheme !== 'bfv' && set.scheme !== 'ckks')
    throw new HeArgumentError(`${where}: "scheme" is "bfv" or "ckks", not ${JSON.stringify(set.scheme)}`);
  const required =
    set.scheme === undefined
      ? ['m', 'p']
      : set.scheme === 'bfv'
        ? ['ringDegree', 'plainModulus']
        : ['ringDegree'];
  for (const name of required)
    if (set[name] === undefined) throw new HeArgumentError(`${where} has no "${name}"`);
  if (set.scheme === 'ckks' && set.primeBits === undefined && set.primes === undefined)
    throw new HeArgumentError(`${where} needs "primeBits" or "primes"`);
  const known = new Set([...lists, ...single, ...more, 'scheme', 'p', 'plainModulus', 'name']);
  const unknown = Object.keys(set).find((name) => !known.has(name));
  if (unknown !== undefined) throw new HeArgumentError(`${where}: "${unknown}" is not known`);
}

/** Primes and defaults. Throws HeParametersError. */
export function prepare(given: TestParameters, config: TesterConfig): PreparedParameters {
  if ('scheme' in given && given.scheme === 'ckks') return prepareCkks(given, config);
  const bfv = 'scheme' in given ? given : fromPyCrCnn(given);
  const wanted = bigint(bfv.plainModulus);
  const plainModulus = nextPlainModulus(bfv.ringDegree, wanted);
  const { scheme, ringDegree, coefficientBits, securityBits, base, integerDigits, fractionalDigits } = bfv;
  return {
    given,
    parameters: {
      scheme,
      ringDegree,
      plainModulus,
      coefficientBits,
      securityBits,
      base,
      integerDigits,
      fractionalDigits,
    },
    reencryptAt: bfv.reencryptAt ?? [],
    leakActivations: config.leakActivations ?? !('scheme' in given),
    notes:
      plainModulus === wanted
        ? []
        : [
            `plain modulus ${plainModulus} instead of ${wanted}: it must be a prime that is 1 modulo ${2 * ringDegree}`,
          ],
  };
}

function fromPyCrCnn(set: PyCrCnnParameters): BfvTestParameters {
  return {
    scheme: 'bfv',
    ringDegree: set.m,
    plainModulus: set.p,
    securityBits: (set.sec ?? 128) as SecurityBits,
    base: set.base,
    integerDigits: set.intDigits,
    fractionalDigits: set.fracDigits,
    reencryptAt: set.rencrypt_positions,
  };
}

function prepareCkks(given: CkksTestParameters, config: TesterConfig): PreparedParameters {
  const { ringDegree, securityBits } = given;
  const special = given.specialPrime ?? findPrimes(ringDegree, given.specialPrimeBits ?? 30, 1)[0];
  const primes = [...(given.primes ?? [])];
  if (given.primes === undefined)
    for (const bits of given.primeBits ?? [])
      primes.push(...findPrimes(ringDegree, bits, 1, [special, ...primes]));
  const last = primes.at(-1);
  if (last === undefined) throw new HeParametersError('CKKS needs at least one data prime');
  const scale = 2 ** (given.scaleBits ?? Math.round(Math.log2(last)));
  return {
    given,
    parameters: { scheme: 'ckks', ringDegree, primes, specialPrime: special, scale, securityBits },
    reencryptAt: given.reencryptAt ?? [],
    leakActivations: config.leakActivations ?? false,
    notes: [],
  };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HeArgumentError(`${what} is no JSON object`);
  return value as Record<string, unknown>;
}

function number(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new HeArgumentError(`${what} is no number: ${JSON.stringify(value)}`);
  return value;
}

function numbers(value: unknown, what: string): number[] {
  if (!Array.isArray(value)) throw new HeArgumentError(`${what} is no list: ${JSON.stringify(value)}`);
  return value.map((item) => number(item, what));
}

function bigint(value: number | string | bigint): bigint {
  try {
    return BigInt(value);
  } catch {
    throw new HeParametersError(`the plain modulus must be a whole number, not ${value}`);
  }
}
