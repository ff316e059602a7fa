// Sums of sines, one element at a time; see ../sines.ts. Every step is rounded to 32 bits as the kernel's are.
import type { SineTerm } from '../sines.js';

const f = Math.fround;
const QUARTER = 0x40000000;

/**
 * sin(2 pi p / 2^32)
 * @param p angle as a fraction of a turn, times 2^32
 * @returns the sine, in single precision
 */
export function sine(p: number): number {
  const angle = p | 0;
  const folded = ((angle + QUARTER) | 0) < 0 ? (0x80000000 - angle) | 0 : angle;
  const v = f(f(folded) * 2 ** -30);
  const s = f(v * v);
  let y = f(f(s * f(-0.00433305)) + f(0.07943418));
  y = f(f(s * y) + f(-0.64589268));
  y = f(f(s * y) + f(1.57079097));
  return f(v * y);
}

/** value * scale as an integer, ties to even */
const scaled = (value: number, scale: number): number => f(f(value * f(scale)) + 12582912) - 12582912;

const angleOf = (x: bigint, shift: number): number =>
  Number(BigInt.asUintN(32, shift < 0 ? x << BigInt(-shift) : BigInt.asUintN(64, x) >> BigInt(shift)));

/** Scaled sine and cosine of a term. */
function sineAndCosine(x: bigint, shift: number, { frequency, scale }: SineTerm): [number, number] {
  const p = Math.imul(angleOf(x, shift), frequency);
  return [scaled(sine(p), scale), scaled(sine(p + QUARTER), scale)];
}

/**
 * Share of sum_k g_k sin(k (x - r)) mod 2^32, from this element's pairs of r.
 * @param x word as an angle
 * @param pairs shares of the masks' cosines and negated sines, one word a term
 * @param shift bits between the word and its angle of 32 bits
 * @param terms frequencies and scales of the sines
 * @returns the share modulo 2^32
 */
export function sineSum(
  x: bigint,
  pairs: readonly bigint[],
  shift: number,
  terms: readonly SineTerm[],
): bigint {
  let sum = 0n;
  terms.forEach((term, k) => {
    const [sin, cos] = sineAndCosine(x, shift, term);
    sum += BigInt(sin) * pairs[k] + BigInt(cos) * (pairs[k] >> 32n);
  });
  return BigInt.asUintN(32, sum);
}

/**
 * Scaled cosine and negated sine of a word as an angle.
 * @param x word as an angle
 * @param shift bits between the word and its angle of 32 bits
 * @param term frequency and scale
 * @returns the cosine in the low 32 bits, the negated sine in the high
 */
export function sinePair(x: bigint, shift: number, term: SineTerm): bigint {
  const [sin, cos] = sineAndCosine(x, shift, term);
  return (BigInt.asUintN(32, BigInt(-sin)) << 32n) | BigInt.asUintN(32, BigInt(cos));
}

/**
 * a - b modulo 2^32 in each half of a word.
 * @param a first operand
 * @param b second operand
 * @returns both differences
 */
export const subHalves = (a: bigint, b: bigint): bigint =>
  (BigInt.asUintN(32, (a >> 32n) - (b >> 32n)) << 32n) | BigInt.asUintN(32, a - b);
