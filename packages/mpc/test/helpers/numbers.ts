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
