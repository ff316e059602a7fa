// Powers of two of a masked number, one element at a time; see ../exponential.ts.
import { wrap } from './word.js';

const FRACTION = 16n;
const PERIOD = 1n << 20n;
const COEFFICIENTS = [2033403n, 9609550n, 59979580n, 257850314n, 744268966n, 1n << 30n];

/**
 * 2^p with 30 fraction bits.
 * @param p exponent with 16 fraction bits, not negative
 * @returns the power, at most 2^-22 of it off
 */
export const power = (p: bigint): bigint =>
  COEFFICIENTS.reduce((y, c) => c + ((y * (p % (1n << FRACTION))) >> FRACTION), 0n) << (p >> FRACTION);

/** x / 2^bits, rounded to the nearest integer. */
const rounded = (x: bigint, bits: bigint): bigint => (x + (1n << (bits - 1n))) >> bits;

/** A share of b a from one of a and one of beta a, for e = b ^ beta. */
const select = (e: boolean, a: bigint, ba: bigint): bigint => (e ? a - ba : ba);

/** Masked or masking bits of an element. */
export interface ExponentialBits {
  readonly inside: boolean;
  readonly above: boolean;
  readonly wrapped: boolean;
}

/**
 * Share of 2^46 (inside 2^x + above 2^15).
 * @param c opened word, x + r
 * @param e masked bits
 * @param dealt shares of the eight words of the mask
 * @param above share of the mask of `above`, modulo 2^32
 * @param shift first bit of the exponents
 * @param first whether this is party 0, which adds the public part
 * @returns the share
 */
export function exponentialCombine(
  c: bigint,
  e: ExponentialBits,
  dealt: readonly bigint[],
  above: bigint,
  shift: number,
  first: boolean,
): bigint {
  const p = wrap(c + (19n << BigInt(shift + 12))) >> BigInt(shift);
  const odd = Number((p / PERIOD) % 2n);
  const high = power((p % PERIOD) + (13n << 12n));
  const low = rounded(high, 32n);
  const [same, sameInside] = dealt.slice(4 * odd);
  const [other, otherInside, wrapped, wrappedInside] = dealt.slice(4 - 4 * odd);
  const far = select(e.inside, other, otherInside);
  const up = select(e.wrapped, far, select(e.inside, wrapped, wrappedInside));
  const near = select(e.inside, same, sameInside);
  const beyond = select(e.above, first ? 1n : 0n, above) << 61n;
  return wrap(rounded(high, 16n) * near + low * far + (high - low) * up + beyond);
}

/**
 * The eight words that exponentialCombine needs of a mask.
 * @param r mask
 * @param beta masks of the bits
 * @param shift first bit of the exponents
 * @returns 2^30 / 2^r as it is and times the masks of inside, wrapped and both, for each period
 */
export function exponentialMasks(r: bigint, beta: ExponentialBits, shift: number): bigint[] {
  const p = wrap(r) >> BigInt(shift);
  const value = rounded(power(PERIOD - (p % PERIOD)), 16n);
  const times = [1, beta.inside, beta.wrapped, beta.inside && beta.wrapped];
  return [0n, 1n].flatMap((period) =>
    times.map((factor) => ((p / PERIOD) % 2n === period && factor ? value : 0n)),
  );
}
