/** Operations that only move elements. */
import { type Interval, spread } from '../../plain/interval.js';
import type { PlainTensor } from '../../plain/plain-tensor.js';
import { sizeOf } from '../../shape/dims.js';

/** Bounds of the same elements in another shape. */
export function shapedBounds(x: Interval, shape: readonly number[]): Interval {
  const ones = shape.map(() => 1);
  if (sizeOf(x.low.shape) === 1 && sizeOf(x.high.shape) === 1)
    return { shape, low: { shape: ones, data: x.low.data }, high: { shape: ones, data: x.high.data } };
  const { low, high } = spread(x);
  return { shape, low: { shape, data: low.data }, high: { shape, data: high.data } };
}

/** Bounds by moving the bounds of all elements. */
export function movedBounds(x: Interval, move: (x: PlainTensor) => PlainTensor): Interval {
  if (sizeOf(x.low.shape) === 1 && sizeOf(x.high.shape) === 1) {
    const { shape } = move({ shape: x.shape, data: new Float64Array(sizeOf(x.shape)) });
    return shapedBounds(x, shape);
  }
  const { low, high } = spread(x);
  const moved = move(low);
  return { shape: moved.shape, low: moved, high: move(high) };
}
