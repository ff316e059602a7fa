/** What is not linear, on words in the clear: read as signed numbers, written as words of Z/2^64. */
import type { Ring, Words } from '@tacit/ring';
import { placesInside } from '../../checks.js';
import type { Extreme, MaxPoolWindow } from '../../engine.js';
import type { Piecewise } from '../../spline/table.js';

/** f of each word as a signed number. */
export const eachSigned = (x: Words, f: (v: bigint) => bigint): Words =>
  BigUint64Array.from(x, (v) => BigInt.asUintN(64, f(BigInt.asIntN(64, v))));

export const bit = (condition: boolean): bigint => (condition ? 1n : 0n);

/** The polynomial of the piece where v lies, in v >> drop. */
export function piecewiseValue({ thresholds, pieces, drop }: Piecewise, v: bigint): bigint {
  let piece = 0;
  while (piece < thresholds.length && v >= thresholds[piece]) piece++;
  const x = v >> BigInt(drop);
  return [...pieces[piece]].reverse().reduce((sum, c) => sum * x + c, 0n);
}

/** f of the real numbers that the words stand for, at other fraction bits. */
export const eachReal = (ring: Ring, x: Words, from: number, to: number, f: (v: number) => number): Words =>
  ring.encode(ring.decode(x, from).map(f), to);

/** By column of x, of shape [k, ...rest]: which of its k elements is the largest (smallest), the first of equal ones. */
export function extremeRows(kind: Extreme, x: Words, k: number): number[] {
  const width = x.length / k;
  const sign = kind === 'max' ? 1n : -1n;
  const at = (row: number, column: number) => sign * BigInt.asIntN(64, x[row * width + column]);
  return Array.from({ length: width }, (_, column) => {
    let best = 0;
    for (let row = 1; row < k; row++) if (at(row, column) > at(best, column)) best = row;
    return best;
  });
}

/** By lane of x, of shape [lanes, n]: where the first elements in order are, equal ones in the order of x. */
export function sortedPlaces(x: Words, lanes: number, n: number, keep: number, largest: boolean): Words {
  const sign = largest ? -1n : 1n;
  return BigUint64Array.from(
    Array.from({ length: lanes }, (_, lane) => {
      const keys = Array.from(
        x.subarray(lane * n, (lane + 1) * n),
        (v, i) => [sign * BigInt.asIntN(64, v), i] as const,
      );
      keys.sort(([a, i], [b, j]) => (a < b ? -1 : a > b ? 1 : i - j));
      return keys.slice(0, keep).map(([, i]) => BigInt(i));
    }).flat(),
  );
}

/** Maxima of the windows of an NCHW tensor; what lies outside of the image does not count. */
export function maxima(
  x: Words,
  [batch, channels, height, width]: readonly number[],
  window: MaxPoolWindow,
): Words {
  const [oh, ow] = window.outputSize;
  const rows = Array.from({ length: oh }, (_, o) => placesInside(height, window, 0, o));
  const columns = Array.from({ length: ow }, (_, o) => placesInside(width, window, 1, o));
  const out = new BigInt64Array(batch * channels * oh * ow);
  const image = new BigInt64Array(x.buffer, x.byteOffset, x.length);
  let to = 0;
  for (let plane = 0; plane < batch * channels; plane++)
    for (const window of rows)
      for (const places of columns) {
        const all = window.flatMap((row) =>
          places.map((column) => image[(plane * height + row) * width + column]),
        );
        out[to++] = all.reduce((a, b) => (a > b ? a : b));
      }
  return new BigUint64Array(out.buffer);
}
