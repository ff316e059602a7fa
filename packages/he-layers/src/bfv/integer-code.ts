/**
 * Whole numbers as polynomials with small coefficients: value = Σ d_i b^i with signed digits d_i as coefficients of x^i
 * (SEAL 2's integer encoder, with signed digits so that fewer of them are not zero). Sums and products of such
 * polynomials are those of the numbers as long as no coefficient leaves (-t/2, t/2] and the degree stays below N.
 */
import { HeArgumentError } from '@tacit/he';

/** Digits of `value`, lowest first: non-adjacent form for base 2, from -b/2 to b/2 for others. */
export function encodeInteger(value: bigint, base: number, maxDigits: number): BigInt64Array {
  const b = BigInt(base);
  const digits: bigint[] = [];
  for (let rest = value; rest !== 0n; ) {
    if (digits.length === maxDigits)
      throw new HeArgumentError(`${value} has more than ${maxDigits} digits in base ${base}`);
    const digit = base === 2 ? nonAdjacentDigit(rest) : balancedDigit(rest, b);
    digits.push(digit);
    rest = (rest - digit) / b;
  }
  return BigInt64Array.from(digits);
}

function nonAdjacentDigit(rest: bigint): bigint {
  const low = BigInt.asUintN(2, rest);
  return low === 1n ? 1n : low === 3n ? -1n : 0n;
}

function balancedDigit(rest: bigint, base: bigint): bigint {
  const digit = ((rest % base) + base) % base;
  return 2n * digit > base ? digit - base : digit;
}

/** The polynomial's value at the base. */
export function decodeInteger(coefficients: BigInt64Array, base: number): bigint {
  const b = BigInt(base);
  let value = 0n;
  let top = coefficients.length - 1;
  while (top >= 0 && coefficients[top] === 0n) top--;
  for (let i = top; i >= 0; i--) value = value * b + coefficients[i];
  return value;
}
