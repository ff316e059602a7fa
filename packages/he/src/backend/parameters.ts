/** Checks encryption parameters before the library sees them: its own refusals say little. */

import { isPrime } from '@tacit/rlwe';
import { HeParametersError } from '../errors.js';
import type { BfvParameters, CkksParameters, HeParameters, SecurityBits } from './library.js';
import { bitLength, findBigPrimes, MAX_NUMBER_PRIME_BITS, nextPlainModulus } from './primes.js';

const MIN_RING_DEGREE = 1024;
const MAX_RING_DEGREE = 32768;

/** What the check needs to know of the library. */
export interface ModulusTables {
  maxModulusBits(ringDegree: number, securityBits: SecurityBits): number;
  /** The library's own choice of primes for BFV, the key-switching prime last. */
  defaultBfvModuli(ringDegree: number, securityBits: SecurityBits): readonly bigint[];
}

/**
 * The primes of the whole modulus, the key-switching prime last.
 *
 * @throws HeParametersError that says which value is refused, why, and what is possible
 */
export function moduliOf(parameters: HeParameters, tables: ModulusTables): readonly bigint[] {
  const { ringDegree, securityBits = 128 } = parameters;
  if (
    !Number.isInteger(Math.log2(ringDegree)) ||
    ringDegree < MIN_RING_DEGREE ||
    ringDegree > MAX_RING_DEGREE
  )
    throw new HeParametersError(
      `the ring degree must be a power of two from ${MIN_RING_DEGREE} to ${MAX_RING_DEGREE}, not ${ringDegree}`,
    );
  if (securityBits !== 128 && securityBits !== 192 && securityBits !== 256)
    throw new HeParametersError(`security is 128, 192 or 256 bits, not ${securityBits}`);
  const moduli =
    parameters.scheme === 'ckks' ? ckksModuli(parameters) : bfvModuli(parameters, securityBits, tables);
  checkSecurity(moduli, ringDegree, securityBits, tables);
  if (parameters.scheme === 'bfv') checkPlainModulus(parameters, moduli);
  return moduli;
}

function checkSecurity(
  moduli: readonly bigint[],
  ringDegree: number,
  securityBits: SecurityBits,
  tables: ModulusTables,
): void {
  const bits = modulusBits(moduli);
  const most = tables.maxModulusBits(ringDegree, securityBits);
  if (bits > most)
    throw new HeParametersError(
      `a modulus of ${bits} bits (key-switching prime included) at ring degree ${ringDegree} keeps less than ` +
        `${securityBits} bits of security; at most ${most} bits do. Take fewer or smaller primes, or a larger ring.`,
    );
}

/** Bits of the product. */
export function modulusBits(moduli: readonly bigint[]): number {
  return bitLength(moduli.reduce((product, prime) => product * prime, 1n));
}

function ckksModuli({ ringDegree, primes, specialPrime }: CkksParameters): bigint[] {
  if (primes.length === 0) throw new HeParametersError('CKKS needs at least one data prime');
  const all = [...primes, specialPrime];
  for (const [at, prime] of all.entries()) {
    const name = at === primes.length ? 'the special prime' : `data prime ${at}`;
    if (!Number.isInteger(prime) || prime < 2 || prime >= 2 ** MAX_NUMBER_PRIME_BITS)
      throw new HeParametersError(
        `${name} must be a whole number below 2^${MAX_NUMBER_PRIME_BITS}, not ${prime}`,
      );
    if (prime % (2 * ringDegree) !== 1)
      throw new HeParametersError(
        `${name} (${prime}) is not 1 modulo ${2 * ringDegree}; findPrimes gives such primes`,
      );
    if (!isPrime(BigInt(prime))) throw new HeParametersError(`${name} (${prime}) is not a prime number`);
  }
  if (new Set(all).size < all.length) throw new HeParametersError('the same prime is there twice');
  return all.map(BigInt);
}

function bfvModuli(
  { ringDegree, coefficientBits }: BfvParameters,
  securityBits: SecurityBits,
  tables: ModulusTables,
): readonly bigint[] {
  if (coefficientBits === undefined) return tables.defaultBfvModuli(ringDegree, securityBits);
  if (coefficientBits.length === 0)
    throw new HeParametersError('BFV needs at least one prime of the modulus');
  const primes: bigint[] = [];
  for (const bits of coefficientBits) {
    if (!Number.isInteger(bits) || bits < 20 || bits > 60)
      throw new HeParametersError(`primes of the modulus have 20 to 60 bits, not ${bits}`);
    primes.push(...findBigPrimes(ringDegree, bits, 1, primes));
  }
  return primes;
}

function checkPlainModulus({ ringDegree, plainModulus }: BfvParameters, moduli: readonly bigint[]): void {
  if (typeof plainModulus !== 'bigint' || plainModulus < 2n || plainModulus >= 1n << 60n)
    throw new HeParametersError(`the plain modulus must be a bigint from 2 to 2^60, not ${plainModulus}`);
  const data = moduli.length > 1 ? moduli.slice(0, -1) : moduli;
  // What the library asks for; a plain modulus near the whole modulus leaves no room for noise anyway.
  if (plainModulus >= data.reduce((product, prime) => product * prime, 1n))
    throw new HeParametersError(
      `a plain modulus of ${bitLength(plainModulus)} bits is not below the modulus`,
    );
  // The library has polynomials under any modulus, but this build of it fails where it finds that slots are impossible.
  if (plainModulus % BigInt(2 * ringDegree) !== 1n || !isPrime(plainModulus))
    throw new HeParametersError(
      `the plain modulus ${plainModulus} is not a prime that is 1 modulo ${2 * ringDegree}; ` +
        `the next one is ${nextPlainModulus(ringDegree, plainModulus)}`,
    );
  if (moduli.includes(plainModulus))
    throw new HeParametersError('the plain modulus is one of the primes of the modulus; take another one');
}
