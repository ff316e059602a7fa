/**
 * Real numbers as polynomials with small coefficients: value = Σ d_i b^i with digits d, the power i >= 0 as coefficient
 * of x^i and the power -j as minus the coefficient of x^(N-j), because x^N = -1 (SEAL 2's fractional encoder, as in
 * Pyfhel). Sums and products of such polynomials are those of the numbers as long as no coefficient leaves (-t/2, t/2]
 * and integer and fractional digits do not meet in the middle.
 *
 * Digits are signed: non-adjacent form for base 2 (a third of the digits are not zero), balanced digits for others, so
 * that sums of many products grow like random walks.
 */
import { HeArgumentError } from '@tacit/he';

export interface FractionalOptions {
  /** Default 2. */
  readonly base?: number;
  /** Default 64. */
  readonly integerDigits?: number;
  /** Default 32. */
  readonly fractionalDigits?: number;
}

export class FractionalCode {
  readonly base: number;
  readonly integerDigits: number;
  readonly fractionalDigits: number;

  constructor(
    readonly ringDegree: number,
    { base = 2, integerDigits = 64, fractionalDigits = 32 }: FractionalOptions = {},
  ) {
    if (!Number.isInteger(base) || base < 2 || base > 1024)
      throw new HeArgumentError(`the base of the digits is a whole number from 2 to 1024, not ${base}`);
    for (const count of [integerDigits, fractionalDigits])
      if (!Number.isInteger(count) || count < 1 || count > ringDegree / 4)
        throw new HeArgumentError(`numbers have 1 to ${ringDegree / 4} digits here, not ${count}`);
    this.base = base;
    this.integerDigits = integerDigits;
    this.fractionalDigits = fractionalDigits;
  }

  /** Signed digits, the power -fractionalDigits first. */
  digits(value: number): Int32Array {
    const { base, integerDigits, fractionalDigits } = this;
    const magnitude = Math.abs(value);
    const count = integerDigits + fractionalDigits + 1;
    if (!(magnitude < base ** integerDigits))
      throw new HeArgumentError(`${value} has more than ${integerDigits} integer digits in base ${base}`);
    const digits = new Int32Array(count);
    let whole = Math.floor(magnitude);
    let part = magnitude - whole;
    for (let j = 1; j <= fractionalDigits; j++) {
      part *= base;
      digits[fractionalDigits - j] = Math.floor(part);
      part -= Math.floor(part);
    }
    for (let i = 0; i < integerDigits && whole > 0; i++) {
      digits[fractionalDigits + i] = whole % base;
      whole = Math.floor(whole / base);
    }
    if (part >= 0.5) digits[0]++;
    balance(digits, base);
    if (value < 0) for (let i = 0; i < count; i++) digits[i] = -digits[i];
    return digits;
  }

  /** Coefficients, lowest first. */
  encode(value: number): BigInt64Array {
    const coefficients = new BigInt64Array(this.ringDegree);
    this.digits(value).forEach((digit, at) => {
      const power = at - this.fractionalDigits;
      if (power >= 0) coefficients[power] = BigInt(digit);
      else coefficients[this.ringDegree + power] = BigInt(-digit);
    });
    return coefficients;
  }

  /** Powers up to N/2 are integer digits, the others fractional. */
  decode(coefficients: BigInt64Array): number {
    const { ringDegree: n, base } = this;
    let value = 0;
    for (let i = 0; i < n; i++) {
      const digit = Number(coefficients[i]);
      if (digit !== 0) value += i < n / 2 ? digit * base ** i : -digit * base ** (i - n);
    }
    return value;
  }
}

/** Digits from 0 on to signed ones of the same value. The last place takes the carry. */
function balance(digits: Int32Array, base: number): void {
  let carry = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digits[i] + carry;
    carry = 0;
    if (digit >= base) {
      digit -= base;
      carry = 1;
    }
    // In base 2 a one is minus one and a carry where another one follows; larger digits are where half is passed.
    if (i + 1 < digits.length && (base === 2 ? digit === 1 && digits[i + 1] === 1 : digit > base / 2)) {
      digit -= base;
      carry++;
    }
    digits[i] = digit;
  }
}
