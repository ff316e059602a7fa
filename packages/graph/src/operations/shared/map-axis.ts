/** Linear maps along an axis, by public weights: each element of the result is a weighted sum of some of the axis. */
import type { Operations } from '../../operation/operations.js';
import { type PlainTensor, stridesOf } from '../../plain/plain-tensor.js';
import { sizeOf } from '../../shape/dims.js';

/** One element of the result: which elements of the axis, times which weights. */
export type Taps = readonly (readonly [position: number, weight: number])[];

/** The map of a plain tensor. */
export function mapAxisPlain(x: PlainTensor, axis: number, taps: readonly Taps[]): PlainTensor {
  const shape = x.shape.map((size, i) => (i === axis ? taps.length : size));
  const inner = stridesOf(shape)[axis];
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    const start = Math.floor(i / inner / taps.length) * x.shape[axis] * inner + (i % inner);
    const own = taps[Math.floor(i / inner) % taps.length];
    return own.reduce((sum, [position, weight]) => sum + weight * x.data[start + position * inner], 0);
  });
  return { shape, data };
}

/** The map as a product with a public matrix; where it only selects, as a selection. */
export function mapAxis<T>(k: Operations<T>, x: T, axis: number, taps: readonly Taps[]): T {
  if (taps.every(([first, ...more]) => first?.[1] === 1 && more.length === 0)) {
    const indices = taps.map(([[position]]) => position);
    return k.take(x, { axis, indices, shape: [indices.length] });
  }
  const shape = k.shapeOf(x);
  const data = new Float64Array(shape[axis] * taps.length);
  taps.forEach((own, i) => {
    for (const [position, weight] of own) data[position * taps.length + i] += weight;
  });
  const matrix = { shape: [shape[axis], taps.length], data };
  // The axis goes last, and back.
  const perm = [...shape.keys()].filter((i) => i !== axis);
  const moved = k.transpose(x, { perm: [...perm, axis] });
  const back = shape.map((_, i) => (i === axis ? shape.length - 1 : perm.indexOf(i)));
  return k.transpose(k.matMul(moved, matrix), { perm: back });
}
