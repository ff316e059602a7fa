/** From residues modulo some primes to residues of the same centred integers modulo others (Garner's algorithm). */
import { inverseModulo, multiplyModulo as multiply } from '@tacit/rlwe';

/**
 * @param residues coefficients modulo each of `from`, below the prime
 * @returns residues modulo each of `to` of the integers between -q/2 and q/2, q the product of `from`
 */
export function liftCentred(
  residues: readonly Float64Array[],
  from: readonly number[],
  to: readonly number[],
): Float64Array[] {
  const count = residues[0].length;
  const inverses = from.map((p, i) => from.slice(0, i).map((q) => inverseModulo(q, p)));
  const half = mixedHalf(from);
  const weights = to.map((p) => {
    const list = [1];
    for (const q of from) list.push(multiply(list[list.length - 1], q % p, p));
    return list;
  });
  const results = to.map(() => new Float64Array(count));
  const digits = new Float64Array(from.length);
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < from.length; i++) {
      const p = from[i];
      let digit = residues[i][k];
      for (let j = 0; j < i; j++) {
        digit -= digits[j] % p;
        digit = multiply(digit < 0 ? digit + p : digit, inverses[i][j], p);
      }
      digits[i] = digit;
    }
    const negative = above(digits, half);
    for (let t = 0; t < to.length; t++) {
      const p = to[t];
      const list = weights[t];
      let value = negative ? p - list[from.length] : 0;
      for (let i = 0; i < from.length; i++) {
        value += multiply(digits[i] % p, list[i], p);
        if (value >= p) value -= p;
      }
      results[t][k] = value >= p ? value - p : value;
    }
  }
  return results;
}

/** Digits of (q - 1) / 2 in the mixed radix of the primes. */
function mixedHalf(primes: readonly number[]): Float64Array {
  let rest = (primes.reduce((product, prime) => product * BigInt(prime), 1n) - 1n) / 2n;
  return Float64Array.from(primes, (prime) => {
    const digit = Number(rest % BigInt(prime));
    rest /= BigInt(prime);
    return digit;
  });
}

function above(digits: Float64Array, limit: Float64Array): boolean {
  for (let i = digits.length - 1; i >= 0; i--) if (digits[i] !== limit[i]) return digits[i] > limit[i];
  return false;
}
