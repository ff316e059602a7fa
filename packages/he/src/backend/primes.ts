/** Primes for number-theoretic transforms: p = 1 modulo 2N. */
import { isPrime } from '@tacit/rlwe';
import { HeParametersError } from '../errors.js';

/** Bits up to which primes are exact as numbers here. */
export const MAX_NUMBER_PRIME_BITS = 52;

/**
 * The `count` largest primes below 2^bits that are 1 modulo 2 · ringDegree, in descending order, without `exclude`.
 * @param ringDegree N; primes are 1 modulo 2N
 * @param bits at most 52; `findBigPrimes` goes to 60
 * @param count how many
 * @param exclude primes that are taken already
 * @returns the primes
 * @throws HeParametersError if there are not so many with exactly this number of bits
 */
export function findPrimes(
  ringDegree: number,
  bits: number,
  count: number,
  exclude: readonly number[] = [],
): number[] {
  if (bits > MAX_NUMBER_PRIME_BITS)
    throw new HeParametersError(
      `primes are found up to ${MAX_NUMBER_PRIME_BITS} bits; ${bits} were asked for`,
    );
  return findBigPrimes(ringDegree, bits, count, exclude.map(BigInt)).map(Number);
}

/** The same as big integers. */
export function findBigPrimes(
  ringDegree: number,
  bits: number,
  count: number,
  exclude: readonly bigint[] = [],
): bigint[] {
  if (!Number.isInteger(bits) || bits < 2 || bits > 60)
    throw new HeParametersError(`a prime has 2 to 60 bits, not ${bits}`);
  const step = 2n * BigInt(ringDegree);
  const least = 1n << BigInt(bits - 1);
  const found: bigint[] = [];
  let candidate = (((1n << BigInt(bits)) - 2n) / step) * step + 1n;
  for (; found.length < count && candidate > least; candidate -= step)
    if (!exclude.includes(candidate) && isPrime(candidate)) found.push(candidate);
  if (found.length < count)
    throw new HeParametersError(
      `there are ${found.length} primes of ${bits} bits that are 1 modulo ${step}, not ${count}; take more bits`,
    );
  return found;
}

/**
 * The smallest prime >= `atLeast` that is 1 modulo 2 · ringDegree: a plain modulus of BFV.
 * @param ringDegree N; the prime is 1 modulo 2N
 * @param atLeast lower bound
 * @returns a plain modulus for BFV
 * @throws HeParametersError if that would have more than 60 bits
 */
export function nextPlainModulus(ringDegree: number, atLeast: bigint): bigint {
  const step = 2n * BigInt(ringDegree);
  const below = atLeast < 2n ? 0n : (atLeast - 2n) / step;
  for (let candidate = (below + 1n) * step + 1n; candidate < 1n << 60n; candidate += step)
    if (isPrime(candidate)) return candidate;
  throw new HeParametersError(`there is no plain modulus from ${atLeast} on with at most 60 bits`);
}

/** Bits of a positive number: 1 + floor(log2). */
export function bitLength(n: bigint): number {
  return n.toString(2).length;
}
