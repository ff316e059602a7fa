/** What operations of all suites check before they compute, so that a wrong call is the same error in each of them. */
import { RingShapeError, sizeOf, type Words, windowOutput } from '@tacit/ring';
import type { Extreme, MaxPoolWindow, SortOptions, WindowGeometry } from './engine.js';
import { ShapeError } from './runtime/errors.js';
import type { Piecewise } from './spline/table.js';

type Shape = readonly number[];

/** @throws ShapeError unless both have one shape */
export function checkSameShape(what: string, a: Shape, b: Shape): void {
  if (a.length !== b.length || a.some((d, i) => d !== b[i]))
    throw new ShapeError(`${what} takes tensors of one shape, got [${a}] and [${b}]`);
}

/** @throws ShapeError unless there are as many words as the shape has elements */
export function checkFills(what: string, shape: Shape, words: { readonly length: number }): void {
  if (words.length !== sizeOf(shape))
    throw new ShapeError(`${what}: ${words.length} words do not fill the shape [${shape}]`);
}

/** What a party gave for a tensor of that shape. @throws ShapeError unless there is a word for each element */
export function wordsGiven(shape: Shape, words: Words | undefined): Words {
  if (words?.length !== sizeOf(shape))
    throw new ShapeError(
      `the tensor of shape [${shape}] has ${words?.length ?? 'no'} values instead of ${sizeOf(shape)}`,
    );
  return words;
}

const isAxis = (axis: number, shape: Shape): boolean =>
  Number.isInteger(axis) && axis >= 0 && axis < shape.length;

/** Shape of tensors joined along an axis. */
export function concatShape(shapes: readonly Shape[], axis: number): number[] {
  const [head] = shapes;
  if (!head) throw new ShapeError('concat takes at least one tensor');
  if (!isAxis(axis, head)) throw new ShapeError(`concat: there is no axis ${axis} in the shape [${head}]`);
  for (const shape of shapes)
    if (shape.length !== head.length || shape.some((d, i) => i !== axis && d !== head[i]))
      throw new ShapeError(`concat along axis ${axis}: [${shape}] does not fit [${head}]`);
  return head.map((d, i) => (i === axis ? shapes.reduce((n, shape) => n + shape[axis], 0) : d));
}

/** Shape of the parts of an axis at public positions. */
export function takeShape(shape: Shape, axis: number, positions: readonly number[]): number[] {
  if (!isAxis(axis, shape)) throw new ShapeError(`take: there is no axis ${axis} in the shape [${shape}]`);
  const wrong = positions.find((i) => !Number.isInteger(i) || i < 0 || i >= shape[axis]);
  if (wrong !== undefined)
    throw new ShapeError(`take: there is no position ${wrong} along axis ${axis} of the shape [${shape}]`);
  return shape.map((d, i) => (i === axis ? positions.length : d));
}

/** Shape of a tensor with pads [before of each axis..., after of each axis...]. */
export function padShape(shape: Shape, pads: readonly number[]): number[] {
  if (pads.length !== 2 * shape.length || pads.some((p) => !Number.isInteger(p) || p < 0))
    throw new ShapeError(`pad: pads [${pads}] do not fit the shape [${shape}]`);
  return shape.map((d, i) => d + pads[i] + pads[i + shape.length]);
}

/** Shape of the sums over axes. */
export function sumShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  if (axes.some((axis) => !isAxis(axis, shape)) || new Set(axes).size !== axes.length)
    throw new ShapeError(`sum: [${axes}] are not distinct axes of the shape [${shape}]`);
  return shape.flatMap((d, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [d]));
}

/** Shape of what is computed of each window of an NCHW tensor. */
export function windowShape(what: string, shape: Shape, geometry: WindowGeometry): number[] {
  if (shape.length !== 4) throw new ShapeError(`${what} takes an NCHW tensor, got [${shape}]`);
  const [batch, channels, height, width] = shape;
  try {
    return [batch, channels, ...windowOutput(height, width, geometry)];
  } catch (error) {
    if (error instanceof RingShapeError) throw new ShapeError(`${what}: ${error.message}`);
    throw error;
  }
}

/** @throws ShapeError unless it is a shape of lanes of rows: [lanes, rows, width] */
export function checkRows(what: string, shape: Shape): void {
  if (shape.length !== 3) throw new ShapeError(`${what} takes a tensor [lanes, rows, width], got [${shape}]`);
}

/**
 * What is sorted of a shape [lanes, n]: bits of an index, and the window of differences of keys of so many bits more.
 * @throws ShapeError for another shape, RangeError for options that do not fit it
 */
export function checkSorting(
  shape: Shape,
  { keep, largest = false, bits }: SortOptions,
  window: number,
): { readonly keep: number; readonly largest: boolean; readonly indexBits: number; readonly l: number } {
  if (shape.length !== 2) throw new ShapeError(`sort takes a tensor [lanes, n], got [${shape}]`);
  const [, n] = shape;
  if (keep !== undefined && !(Number.isInteger(keep) && keep >= 0 && keep <= n))
    throw new RangeError(`sort: there are no ${keep} first of ${n} elements`);
  const indexBits = Math.ceil(Math.log2(Math.max(1, n)));
  const most = 62 - indexBits;
  if (bits !== undefined && !(Number.isInteger(bits) && bits >= 0 && bits <= most))
    throw new RangeError(
      `sort: numbers below 2^${most} can be sorted with ${n} indices, not below 2^${bits}`,
    );
  return { keep: keep ?? n, largest, indexBits, l: (bits ?? Math.min(window - 2, most)) + indexBits + 2 };
}

/** Shape of the extremes along the first axis. */
export function extremeShape(kind: Extreme, shape: Shape): number[] {
  const [k, ...rest] = shape;
  if (k === undefined || k < 1)
    throw new ShapeError(`there is no ${kind} of the empty first axis of [${shape}]`);
  return rest;
}

/** Shape of the maxima of windows. @throws ShapeError where a window lies in the padding altogether */
export function maxPoolShape(shape: Shape, window: MaxPoolWindow): number[] {
  if (shape.length !== 4) throw new ShapeError(`maxPool2d takes an NCHW tensor, got [${shape}]`);
  for (const axis of [0, 1] as const)
    for (let o = 0; o < window.outputSize[axis]; o++)
      if (placesInside(shape[axis + 2], window, axis, o).length === 0)
        throw new ShapeError(`maxPool2d: window ${o} along axis ${axis + 2} lies in the padding altogether`);
  return [shape[0], shape[1], ...window.outputSize];
}

/** Where window `o` looks along one axis. */
export function windowPlaces(window: MaxPoolWindow, axis: 0 | 1, o: number): number[] {
  const start = o * window.stride[axis] - window.before[axis];
  return Array.from({ length: window.kernel[axis] }, (_, k) => start + k * window.dilation[axis]);
}

/** Where it looks in an image of that size, its places outside left out. */
export const placesInside = (size: number, window: MaxPoolWindow, axis: 0 | 1, o: number): number[] =>
  windowPlaces(window, axis, o).filter((place) => place >= 0 && place < size);

/** @throws RangeError where a threshold lies outside of the window, or the window has no room for the dropped bits */
export function checkPiecewise({ name, thresholds, drop }: Piecewise, window: number): void {
  if (drop < 0 || drop > window - 3)
    throw new RangeError(`cannot drop ${drop} bits in a window of ${window}`);
  const bound = 1n << BigInt(window - 2);
  if (thresholds.some((t) => t > bound || t < -bound))
    throw new RangeError(`${name}: a threshold lies outside of the window of ${window} bits`);
}

/** @throws RangeError unless there is a bound, and no upper one below the lower one */
export function checkBounds(low: bigint | undefined, high: bigint | undefined): void {
  if (low === undefined && high === undefined) throw new RangeError('clip takes at least one bound');
  if (low !== undefined && high !== undefined && low > high)
    throw new RangeError(`clip: the lower bound ${low} is above the upper bound ${high}`);
}

/** @throws RangeError unless bits are 0 to 63 */
export function checkShift(bits: number): void {
  if (!Number.isInteger(bits) || bits < 0 || bits > 63)
    throw new RangeError(`cannot shift by ${bits} bits: a word is shifted by 0 to 63`);
}

/** Rows of a table that is looked up in: each costs a word an index. */
export const MAX_ROWS = 2 ** 20;

/** Bits of an index below `depth`, one at least. @throws RangeError */
export function indexBits(depth: number): number {
  if (!Number.isInteger(depth) || depth < 0 || depth > MAX_ROWS)
    throw new RangeError(`a one-hot row has 0 to ${MAX_ROWS} numbers, not ${depth}`);
  return Math.max(1, Math.ceil(Math.log2(depth)));
}
