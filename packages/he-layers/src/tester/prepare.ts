/** From sets of parameters as they are written to sets that can be run: primes and defaults. */
import { HeParametersError } from '@tacit/he';
import { findPrimes, nextPlainModulus } from '@tacit/he/backend';
import type { BfvLayerParameters } from '../layers/bfv.js';
import type { CkksLayerParameters } from '../layers/ckks-parameters.js';
import type {
  BfvTestParameters,
  CkksTestParameters,
  PyCrCnnParameters,
  TesterConfig,
  TestParameters,
} from './config.js';

/** A set ready to run. */
export interface PreparedParameters {
  readonly given: TestParameters;
  readonly parameters: BfvLayerParameters | CkksLayerParameters;
  readonly reencryptAt: readonly number[];
  readonly leakActivations: boolean;
  /** What was changed, and why. */
  readonly notes: readonly string[];
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
    securityBits: set.sec ?? 128,
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

function bigint(value: number | string | bigint): bigint {
  try {
    return BigInt(value);
  } catch {
    throw new HeParametersError(`the plain modulus must be a whole number, not ${value}`);
  }
}
