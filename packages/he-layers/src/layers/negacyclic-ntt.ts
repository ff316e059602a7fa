/**
 * The number-theoretic transform that SEAL uses, for masks and exact re-encryption: residues of a polynomial modulo
 * x^N + 1 to its values at the odd powers of the smallest primitive 2N-th root of unity, in bit-reversed order (Longa
 * and Naehrig 2016). Plain TypeScript for a prime below 2^30; about 1 ms at N = 8192.
 */
import { HeArgumentError } from '@tacit/he';

export class NegacyclicNtt {
  /** Powers of the root in bit-reversed order, and of its inverse. */
  private readonly roots: Int32Array;
  private readonly inverseRoots: Int32Array;
  private readonly inverseDegree: number;

  constructor(
    readonly ringDegree: number,
    readonly prime: number,
  ) {
    if (prime >= 2 ** 30 || prime % (2 * ringDegree) !== 1)
      throw new HeArgumentError(`no transform of ${ringDegree} residues modulo ${prime}`);
    const root = smallestRoot(ringDegree, prime);
    this.roots = reversedPowers(root, ringDegree, prime);
    this.inverseRoots = reversedPowers(power(root, prime - 2, prime), ringDegree, prime);
    this.inverseDegree = power(ringDegree, prime - 2, prime);
  }

  /** In place; residues below the prime. */
  forward(a: Float64Array): void {
    const { ringDegree: n, prime: q, roots } = this;
    for (let blocks = 1, half = n >> 1; blocks < n; blocks <<= 1, half >>= 1)
      for (let block = 0; block < blocks; block++) {
        const root = roots[blocks + block];
        const first = 2 * block * half;
        for (let i = first; i < first + half; i++) {
          const u = a[i];
          const v = multiply(a[i + half], root, q);
          const sum = u + v;
          const difference = u - v;
          a[i] = sum >= q ? sum - q : sum;
          a[i + half] = difference < 0 ? difference + q : difference;
        }
      }
  }

  /** In place. */
  inverse(a: Float64Array): void {
    const { ringDegree: n, prime: q, inverseRoots, inverseDegree } = this;
    for (let blocks = n >> 1, half = 1; blocks >= 1; blocks >>= 1, half <<= 1)
      for (let block = 0; block < blocks; block++) {
        const root = inverseRoots[blocks + block];
        const first = 2 * block * half;
        for (let i = first; i < first + half; i++) {
          const sum = a[i] + a[i + half];
          const difference = a[i] - a[i + half];
          a[i] = sum >= q ? sum - q : sum;
          a[i + half] = multiply(difference < 0 ? difference + q : difference, root, q);
        }
      }
    for (let i = 0; i < n; i++) a[i] = multiply(a[i], inverseDegree, q);
  }
}

/** a · b modulo q below 2^30: the quotient in doubles is off by one at most, the rest in 32 bits. */
export function multiply(a: number, b: number, q: number): number {
  const quotient = Math.floor((a * b) / q);
  const rest = (Math.imul(a, b) - Math.imul(quotient, q)) | 0;
  return rest < 0 ? rest + q : rest >= q ? rest - q : rest;
}

export function power(base: number, exponent: number, q: number): number {
  let result = 1;
  for (let square = base % q, rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square, q);
    square = multiply(square, square, q);
  }
  return result;
}

function smallestRoot(n: number, q: number): number {
  let root = 0;
  for (let candidate = 2; root === 0; candidate++) {
    const trial = power(candidate, (q - 1) / (2 * n), q);
    if (power(trial, n, q) === q - 1) root = trial;
  }
  // All primitive roots are the odd powers of one.
  const step = multiply(root, root, q);
  let smallest = root;
  for (let i = 0, current = root; i < n; i++, current = multiply(current, step, q))
    smallest = Math.min(smallest, current);
  return smallest;
}

function reversedPowers(root: number, n: number, q: number): Int32Array {
  const bits = Math.log2(n);
  const powers = new Int32Array(n);
  for (let i = 0, current = 1; i < n; i++, current = multiply(current, root, q)) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) if (i & (1 << bit)) reversed |= 1 << (bits - 1 - bit);
    powers[reversed] = current;
  }
  return powers;
}
