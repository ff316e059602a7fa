/**
 * Interval arithmetic: bounds of the elements of a tensor. Bounds are known for each element or for a whole axis at once
 * (size 1 in `low` and `high`, whose rank is the tensor's), so that those of a large network stay small.
 */
import { sizeOf } from '../shape/dims.js';
import { broadcastTo, map, type PlainTensor, stridesOf, walk, zip } from './plain-tensor.js';

export interface Interval {
  /** Of the tensor. */
  readonly shape: readonly number[];
  readonly low: PlainTensor;
  readonly high: PlainTensor;
}

/**
 * Known values.
 * @param x bounds of the first factor
 * @returns bounds that both are the value
 * @example exactly(plainTensor([2], [1, 2]));
 */
export const exactly = (x: PlainTensor): Interval => ({ shape: x.shape, low: x, high: x });

/**
 * One pair of bounds for all elements.
 * @param shape shape of the result
 * @param low lower bound
 * @param high upper bound
 * @returns the interval
 * @example between([2, 3], 0, 1);
 */
export function between(shape: readonly number[], low: number, high: number): Interval {
  const ones = shape.map(() => 1);
  const one = (value: number): PlainTensor => ({ shape: ones, data: Float64Array.of(value) });
  return { shape, low: one(low), high: one(high) };
}

/**
 * The largest magnitude within the bounds; 0 for an empty tensor.
 * @param interval bounds of a tensor
 * @returns the largest of |low| and |high|
 * @example magnitudeOf(between([2], -3, 1)); // 3
 */
export function magnitudeOf({ shape, low, high }: Interval): number {
  if (sizeOf(shape) === 0) return 0;
  return [...low.data, ...high.data].reduce(
    (m, v) => (Math.abs(v) > m || Number.isNaN(v) ? Math.abs(v) : m),
    0,
  );
}

/**
 * Bounds by a function that rises in each argument.
 * @param shape shape of the result
 * @param f function that rises in each argument
 * @param inputs bounds of its arguments
 * @returns bounds of its value
 * @example rising([2], (v) => map(v, Math.exp), x);
 */
export const rising = (
  shape: readonly number[],
  f: (...inputs: readonly PlainTensor[]) => PlainTensor,
  ...inputs: readonly Interval[]
): Interval => ({
  shape,
  low: withRank(f(...inputs.map((x) => x.low)), shape.length),
  high: withRank(f(...inputs.map((x) => x.high)), shape.length),
});

/**
 * Bounds of -x.
 * @param interval bounds of x
 * @returns the bounds
 * @example negated(between([2], 0, 1)); // from -1 to 0
 */
export const negated = ({ shape, low, high }: Interval): Interval => ({
  shape,
  low: map(high, (v) => -v),
  high: map(low, (v) => -v),
});

/**
 * The products of the ends: bounds of x * y, element by element.
 * @param shape shape of the result
 * @param x bounds of the first factor
 * @param y bounds of the second factor
 * @returns bounds of the product
 * @example timesInterval([2], between([2], -1, 2), between([2], 3, 4)); // from -4 to 8
 */
export function timesInterval(shape: readonly number[], x: Interval, y: Interval): Interval {
  const ends = [x.low, x.high].flatMap((a) => [y.low, y.high].map((b) => zip(a, b, times)));
  const pick = (choose: (a: number, b: number) => number) =>
    withRank(
      ends.reduce((a, b) => zip(a, b, choose)),
      shape.length,
    );
  return { shape, low: pick(Math.min), high: pick(Math.max) };
}

/** 0 for 0 times an unbounded number: what is zero stays so. */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

/**
 * The bounds of each element.
 * @param interval bounds, possibly shared by whole axes
 * @returns bounds of the full shape
 * @example spread(between([2], 0, 1)).low.data; // Float64Array(2) [ 0, 0 ]
 */
export const spread = ({ shape, low, high }: Interval): Interval => ({
  shape,
  low: broadcastTo(low, shape),
  high: broadcastTo(high, shape),
});

/**
 * The widest bounds over the given axes, which have size 1 afterwards.
 * @param interval bounds of a tensor
 * @param axes axes counted from the front
 * @returns the shape of the tensor with bounds of size 1 along the axes
 * @example hullOver(x, [1]);
 */
export function hullOver({ shape, low, high }: Interval, axes: readonly number[]): Interval {
  const over = (x: PlainTensor, choose: (a: number, b: number) => number): PlainTensor => {
    const kept = x.shape.map((d, i) => (axes.includes(i) ? Math.min(d, 1) : d));
    const strides = stridesOf(kept).map((stride, i) => (axes.includes(i) ? 0 : stride));
    const data = new Float64Array(sizeOf(kept)).fill(Number.NaN);
    walk(x.shape, strides, 0, (position, offset) => {
      const [so, v] = [data[offset], x.data[position]];
      data[offset] = Number.isNaN(so) ? v : choose(so, v);
    });
    return { shape: kept, data };
  };
  return { shape, low: over(low, Math.min), high: over(high, Math.max) };
}

/**
 * Bounds that hold for x and for a number between low and high.
 * @param x bounds of the first factor
 * @param low lower bound
 * @param high upper bound
 * @returns the wider bounds
 * @example either(between([2], 1, 2), 0, 0); // from 0 to 2
 */
export const either = (x: Interval, low: number, high: number): Interval => ({
  shape: x.shape,
  low: map(x.low, (v) => Math.min(v, low)),
  high: map(x.high, (v) => Math.max(v, high)),
});

function withRank({ shape, data }: PlainTensor, rank: number): PlainTensor {
  const missing = rank - shape.length;
  return missing > 0 ? { shape: [...new Array<number>(missing).fill(1), ...shape], data } : { shape, data };
}
