// Truncation of shares on their own, one element at a time and in any width; see ../wraps.ts for what it means.
import { low } from './word.js';

/** What party 0 adds to its share so that what is shared is not negative. */
const offset = (width: number, first: boolean): bigint => (first ? (1n << BigInt(width - 2)) - 1n : 0n);

/**
 * Whether a share is in the low half of its range: 1 or 0.
 * @param x this party's share
 * @param width bit length of words
 * @param first whether this is party 0, which adds the public part
 * @returns 1 or 0
 */
export const lowHalf = (x: bigint, width: number, first: boolean): bigint =>
  1n - (low(x + offset(width, first), width) >> BigInt(width - 1));

/**
 * A party's share of the truncated number, modulo 2^width.
 * @param x this party's share
 * @param t share of the product of the bit masks
 * @param own this party's masked bit
 * @param theirs the other party's masked bit
 * @param width bit length of words
 * @param f fraction bits to truncate by
 * @param first whether this is party 0, which adds the public part
 * @returns the share
 */
export function wrapCombine(
  x: bigint,
  t: bigint,
  own: bigint,
  theirs: bigint,
  width: number,
  f: number,
  first: boolean,
): bigint {
  const n = lowHalf(x, width, first);
  const s = (1n - 2n * own) * (1n - 2n * theirs);
  const q = first ? theirs * n + s * t - 1n : theirs * (n - own) + s * t;
  const bias = first ? 1n - (1n << BigInt(width - 2 - f)) : 0n;
  return low((low(x + offset(width, first), width) >> BigInt(f)) + bias + (q << BigInt(width - f)), width);
}
