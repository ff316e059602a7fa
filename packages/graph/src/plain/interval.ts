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

/** Known values. */
export const exactly = (x: PlainTensor): Interval => ({ shape: x.shape, low: x, high: x });

/** One pair of bounds for all elements. */
export function between(shape: readonly number[], low: number, high: number): Interval {
  const ones = shape.map(() => 1);
  const one = (value: number): PlainTensor => ({ shape: ones, data: Float64Array.of(value) });
  return { shape, low: one(low), high: one(high) };
}

/** The largest magnitude within the bounds; 0 for an empty tensor. */
export function magnitudeOf({ shape, low, high }: Interval): number {
  if (sizeOf(shape) === 0) return 0;
  return [...low.data, ...high.data].reduce(
    (m, v) => (Math.abs(v) > m || Number.isNaN(v) ? Math.abs(v) : m),
    0,
  );
}

/** Bounds by a function that rises in each argument. */
export const rising = (
  shape: readonly number[],
  f: (...inputs: readonly PlainTensor[]) => PlainTensor,
  ...inputs: readonly Interval[]
): Interval => ({
  shape,
  low: withRank(f(...inputs.map((x) => x.low)), shape.length),
  high: withRank(f(...inputs.map((x) => x.high)), shape.length),
});

/** Bounds of -x. */
export const negated = ({ shape, low, high }: Interval): Interval => ({
  shape,
  low: map(high, (v) => -v),
  high: map(low, (v) => -v),
});

/** The products of the ends: bounds of x * y, element by element. */
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

/** The bounds of each element. */
export const spread = ({ shape, low, high }: Interval): Interval => ({
  shape,
  low: broadcastTo(low, shape),
  high: broadcastTo(high, shape),
});

/** The widest bounds over the given axes, which have size 1 afterwards. */
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

/** Bounds that hold for either. */
export const either = (x: Interval, low: number, high: number): Interval => ({
  shape: x.shape,
  low: map(x.low, (v) => Math.min(v, low)),
  high: map(x.high, (v) => Math.max(v, high)),
});

function withRank({ shape, data }: PlainTensor, rank: number): PlainTensor {
  const missing = rank - shape.length;
  return missing > 0 ? { shape: [...new Array<number>(missing).fill(1), ...shape], data } : { shape, data };
}
