// The protocol combines, one element at a time; see ../combine.ts for what they mean.
import { low } from './word.js';

const split = (c: bigint, width: number): { rest: bigint; top: boolean } => ({
  rest: low(c, width - 1),
  top: ((c >> BigInt(width - 1)) & 1n) === 1n,
});

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

export function bitCombine(e: bigint, beta: bigint, first: boolean): bigint {
  return e === 0n ? beta : (first ? 1n : 0n) - beta;
}

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
