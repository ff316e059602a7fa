/** Test inputs. */
import { randomBits } from '@tacit/testing';

/** Every number of an 8-bit window whose values stay below 2^limit in size, `times` times over. */
export function everyNumber(limit: number, times: number): bigint[] {
  const all = Array.from({ length: 2 ** (limit + 1) }, (_, i) => BigInt(i) - (1n << BigInt(limit)));
  return Array.from({ length: times }, () => all).flat();
}

/** Random numbers of all magnitudes from -2^limit to 2^limit - 1, with the edges. */
export function randomNumbers(count: number, limit: number): bigint[] {
  const top = 1n << BigInt(limit);
  const edges = [0n, 1n, -1n, top - 1n, -top, 1n << 16n, -(1n << 16n), (1n << 16n) - 1n];
  return Array.from({ length: count }, (_, i) => edges[i] ?? randomBits(1 + (i % (limit + 1))));
}

/** Payload bytes that a party sent to others within operations of these names. */
export const bytesSent = (
  operations: readonly { bytesSent: number; name: string }[],
  ...names: string[]
): number => operations.filter((o) => names.includes(o.name)).reduce((sum, o) => sum + o.bytesSent, 0);

/** Of numbers read as words of Z/2^64. */
export const wrap = (v: bigint): bigint => BigInt.asIntN(64, v);

/** The product of an m x k and a k x n matrix as a bilinear map. */
export const matmul = (m: number, k: number, n: number) =>
  ({ op: 'matmul', m, k, n, batch: 1, aBroadcast: false, bBroadcast: false }) as const;

/** That product of these matrices, mod 2^64. */
export const matrixProduct = (
  m: number,
  k: number,
  n: number,
  a: readonly bigint[],
  b: readonly bigint[],
): bigint[] =>
  Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return wrap(Array.from({ length: k }, (_, q) => a[i * k + q] * b[q * n + j]).reduce((x, y) => x + y, 0n));
  });
