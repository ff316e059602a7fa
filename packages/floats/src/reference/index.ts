/** @packageDocumentation The kernels in plain TypeScript and double precision: slow and obvious. Tests hold the kernels to them. */

/** A matrix as a function of row and column. */
type Matrix = (row: number, column: number) => number;

/**
 * Product of matrices.
 * @param a m x k
 * @param b k x n
 * @param sizes m, k, n
 * @returns m x n entries, row-major
 */
export function product(a: Matrix, b: Matrix, [m, k, n]: readonly [number, number, number]): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) for (let p = 0; p < k; p++) c[i * n + j] += a(i, p) * b(p, j);
  return c;
}

/** Planes of an image, and how a kernel slides over them. */
export interface Sliding {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Rows and columns of zeros before the image. */
  readonly pads: readonly [top: number, left: number];
  readonly outWidth: number;
}

/** Calls `visit` with each entry of the patches of some output rows, and the place in the image that it is from; -1 for padding. */
function eachPatch(
  s: Sliding,
  first: number,
  rows: number,
  visit: (entry: number, place: number) => void,
): void {
  let entry = 0;
  for (let c = 0; c < s.channels; c++)
    for (let ky = 0; ky < s.kernel[0]; ky++)
      for (let kx = 0; kx < s.kernel[1]; kx++)
        for (let i = first; i < first + rows; i++)
          for (let j = 0; j < s.outWidth; j++, entry++) {
            const y = i * s.strides[0] + ky * s.dilations[0] - s.pads[0];
            const x = j * s.strides[1] + kx * s.dilations[1] - s.pads[1];
            const inside = y >= 0 && y < s.height && x >= 0 && x < s.width;
            visit(entry, inside ? (c * s.height + y) * s.width + x : -1);
          }
}

/**
 * Patches of an image: one row for each channel and tap, one column for each position of some output rows.
 * @param x planes
 * @param sliding sizes
 * @param first first output row
 * @param rows how many
 * @returns entries, row-major
 */
export function patches(x: ArrayLike<number>, sliding: Sliding, first: number, rows: number): Float64Array {
  const { channels, kernel, outWidth } = sliding;
  const to = new Float64Array(channels * kernel[0] * kernel[1] * rows * outWidth);
  eachPatch(sliding, first, rows, (entry, place) => {
    to[entry] = place < 0 ? 0 : x[place];
  });
  return to;
}

/**
 * Adds patches to the places that they are from.
 * @param x planes, which are changed
 * @param from entries as `patches` gives them
 * @param sliding sizes
 * @param first first output row
 * @param rows how many
 */
export function addPatches(
  x: Float64Array,
  from: ArrayLike<number>,
  sliding: Sliding,
  first: number,
  rows: number,
): void {
  eachPatch(sliding, first, rows, (entry, place) => {
    if (place >= 0) x[place] += from[entry];
  });
}

/**
 * Sums of the elements of each channel's planes.
 * @param x planes one after the other, whose channel is their number modulo `channels`
 * @param channels number of channels
 * @param size numbers in a plane
 * @returns a sum for each channel
 */
export function channelSums(x: ArrayLike<number>, channels: number, size: number): Float64Array {
  const sums = new Float64Array(channels);
  for (let i = 0; i < x.length; i++) sums[Math.floor(i / size) % channels] += x[i];
  return sums;
}

/**
 * A matrix turned around.
 * @param x rows x columns entries
 * @param rows number of rows
 * @param columns number of columns
 * @returns columns x rows entries
 */
export function transposed(x: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const to = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) to[j * rows + i] = x[i * columns + j];
  return to;
}
