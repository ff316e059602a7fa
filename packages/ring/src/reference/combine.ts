// The protocol combines, one element at a time; see ../combine.ts for what they mean.
import { low } from './word.js';

const split = (c: bigint, width: number): { rest: bigint; top: boolean } => ({
  rest: low(c, width - 1),
  top: ((c >> BigInt(width - 1)) & 1n) === 1n,
});

/**
 * A share of x truncated by f bits.
 * @param c opened masked value
 * @param t0 share of T_0
 * @param t1 share of T_1
 * @param width window: bit length of the opened values
 * @param f fraction bits to truncate by
 * @param first whether this is party 0, which adds the public part
 * @returns the share, not reduced modulo 2^64
 */
export function truncCombine(
  c: bigint,
  t0: bigint,
  t1: bigint,
  width: number,
  f: number,
  first: boolean,
): bigint {
  const { rest, top } = split(c, width);
  const share = top ? t1 : t0;
  return first ? share + (rest >> BigInt(f)) - (1n << BigInt(width - 2 - f)) : share;
}

/**
 * A share of the bit e xor beta.
 * @param e opened bit
 * @param beta share of the bit mask
 * @param first whether this is party 0, which adds the public part
 * @returns e ? first - beta : beta
 */
export function bitCombine(e: bigint, beta: bigint, first: boolean): bigint {
  return e === 0n ? beta : (first ? 1n : 0n) - beta;
}

/**
 * A share of ReLU(x) truncated by f bits.
 * @param c opened masked value
 * @param e opened bit
 * @param shares shares of what the dealer dealt
 * @param width window: bit length of the opened values
 * @param f fraction bits to truncate by
 * @param first whether this is party 0, which adds the public part
 * @returns the share, not reduced modulo 2^64
 */
export function reluCombine(
  c: bigint,
  e: bigint,
  shares: { beta: bigint; t0: bigint; t1: bigint; bt0: bigint; bt1: bigint },
  width: number,
  f: number,
  first: boolean,
): bigint {
  const { rest, top } = split(c, width);
  const t = top ? shares.t1 : shares.t0;
  const bt = top ? shares.bt1 : shares.bt0;
  const product = (rest >> BigInt(f)) * bitCombine(e, shares.beta, first);
  return product + (e === 0n ? bt : t - bt);
}

/**
 * A share of v [b] + [b] a, for the bit b = e xor beta.
 * @param v public factor of the bit
 * @param e opened bit
 * @param beta share of the bit mask
 * @param a share of what is selected
 * @param ba share of beta times a
 * @param first whether this is party 0, which adds the public part
 * @returns the share, not reduced modulo 2^64
 */
export function selectCombine(
  v: bigint,
  e: bigint,
  beta: bigint,
  a: bigint,
  ba: bigint,
  first: boolean,
): bigint {
  return v * bitCombine(e, beta, first) + (e === 0n ? ba : a - ba);
}
