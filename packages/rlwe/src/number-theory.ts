// Arithmetic modulo small primes for the set-up. The kernels have their own.

export function powerModulo(base: number, exponent: number, modulus: number): number {
  const m = BigInt(modulus);
  let result = 1n;
  let square = BigInt(base) % m;
  for (let e = BigInt(exponent); e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % m;
    square = (square * square) % m;
  }
  return Number(result);
}

/** Inverse of `value` modulo a prime. */
export function inverseModulo(value: number, prime: number): number {
  return powerModulo(value % prime, prime - 2, prime);
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

/** Miller and Rabin's test with bases that decide it for all numbers below 2^32. */
export function isPrime(n: number): boolean {
  if (n < 2 || n % 2 === 0) return n === 2;
  let odd = n - 1;
  let twos = 0;
  while (odd % 2 === 0) {
    odd /= 2;
    twos++;
  }
  for (const base of [2, 3, 5, 7]) {
    if (n === base) return true;
    let x = powerModulo(base, odd, n);
    if (x === 1 || x === n - 1) continue;
    let composite = true;
    for (let i = 1; i < twos && composite; i++) {
      x = powerModulo(x, 2, n);
      composite = x !== n - 1;
    }
    if (composite) return false;
  }
  return true;
}

/** Residue of an integer, below the modulus. */
export function residueOf(value: bigint, modulus: number): number {
  const m = BigInt(modulus);
  const r = value % m;
  return Number(r < 0n ? r + m : r);
}
