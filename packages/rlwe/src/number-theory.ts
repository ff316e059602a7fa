// Arithmetic modulo primes outside of the kernels: for setting up, and for the few residues that a client looks at.

/**
 * a b modulo q below 2^30: the quotient in doubles is off by one at most, the rest fits in 32 bits.
 * @param a below q
 * @param b below q
 * @param q modulus below 2^30
 * @returns the residue, from 0 to q - 1
 */
export function multiplyModulo(a: number, b: number, q: number): number {
  const quotient = Math.floor((a * b) / q);
  const rest = (Math.imul(a, b) - Math.imul(quotient, q)) | 0;
  return rest < 0 ? rest + q : rest >= q ? rest - q : rest;
}

/**
 * Inverse of a number that is not 0 modulo a prime below 2^30.
 * @param value not a multiple of the prime
 * @param prime below 2^30
 * @returns the inverse, from 1 to prime - 1
 */
export function inverseModulo(value: number, prime: number): number {
  let result = 1;
  for (let square = value % prime, rest = prime - 2; rest > 0; rest >>>= 1) {
    if (rest & 1) result = multiplyModulo(result, square, prime);
    square = multiplyModulo(square, square, prime);
  }
  return result;
}

/** Inverse of an odd number modulo 2^32. */
export function inverseModuloWord(odd: number): number {
  let inverse = odd;
  // Each of Newton's steps doubles the number of right bits, of which an odd number has three.
  for (let i = 0; i < 4; i++) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse >>> 0;
}

/** floor(w * 2^32 / q): the quotient that Shoup's product by w needs. */
export function shoupQuotient(w: number, q: number): number {
  return Number((BigInt(w) << 32n) / BigInt(q));
}

/** Residue of an integer, below the modulus. */
export function residueOf(value: bigint, modulus: number): number {
  const m = BigInt(modulus);
  const r = value % m;
  return Number(r < 0n ? r + m : r);
}

/** Enough for all numbers below 3.3 * 10^24 (Sorenson and Webster 2015). */
const WITNESSES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n];

/**
 * The test of Miller and Rabin with fixed witnesses: exact below 2^81.
 * @param n any integer
 * @returns whether it is a prime
 */
export function isPrime(n: bigint): boolean {
  if (n < 2n) return false;
  for (const p of WITNESSES) if (n % p === 0n) return n === p;
  let odd = n - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  return WITNESSES.every((witness) => {
    let power = powerModulo(witness, odd, n);
    if (power === 1n || power === n - 1n) return true;
    for (let i = 1; i < twos; i++) {
      power = (power * power) % n;
      if (power === n - 1n) return true;
    }
    return false;
  });
}

function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
