/** Primes for number-theoretic transforms of length N: p = 1 modulo 2N. */

/**
 * The largest such primes below 2^bits, in descending order.
 * @param bits at most 30: the evaluator's residues must leave two bits of a 32-bit word free
 */
export function findPrimes(
  ringDegree: number,
  bits: number,
  count: number,
  exclude: readonly number[] = [],
): number[] {
  const step = 2 * ringDegree;
  const found: number[] = [];
  for (
    let candidate = Math.floor((2 ** bits - 2) / step) * step + 1;
    candidate > 2 ** (bits - 1);
    candidate -= step
  ) {
    if (found.length === count) break;
    if (!exclude.includes(candidate) && isPrime(candidate)) found.push(candidate);
  }
  return found;
}

/** Trial division: the numbers are below 2^30. */
function isPrime(n: number): boolean {
  if (n < 2 || n % 2 === 0) return n === 2;
  for (let divisor = 3; divisor * divisor <= n; divisor += 2) if (n % divisor === 0) return false;
  return true;
}
