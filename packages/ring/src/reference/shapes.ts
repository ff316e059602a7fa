// Walks over shapes, index by index.
import type { Shape, View } from '../shapes.js';
import type { Words } from '../words.js';
import { wrap } from './word.js';

/**
 * All indices of a shape in row-major order.
 * @param shape sizes of the axes
 * @returns the indices, one at a time
 */
export function* indicesOf(shape: Shape): Generator<number[]> {
  if (shape.length === 0) {
    yield [];
    return;
  }
  for (let i = 0; i < shape[0]; i++) for (const rest of indicesOf(shape.slice(1))) yield [i, ...rest];
}

/**
 * Position of an index in a view.
 * @param view shape, strides and offset
 * @param index one position an axis
 * @returns the position in the flat array
 */
export function offsetOf(view: View, index: readonly number[]): number {
  return index.reduce((at, i, axis) => at + i * view.strides[axis], view.offset);
}

/**
 * The elements of a view, row-major.
 * @param a flat array that the view is of
 * @param view shape, strides and offset
 * @returns a new array
 */
export function gather(a: Words, view: View): Words {
  return BigUint64Array.from([...indicesOf(view.shape)], (index) => a[offsetOf(view, index)]);
}

/**
 * Sums over axes, which vanish.
 * @param x input words
 * @param shape sizes of the axes
 * @param axes axes to sum over
 * @returns the sums, row-major
 */
export function sumAxes(x: Words, shape: Shape, axes: readonly number[]): Words {
  const sums = new Map<string, bigint>();
  let at = 0;
  for (const index of indicesOf(shape)) {
    const key = index.filter((_, axis) => !axes.includes(axis)).join();
    sums.set(key, wrap((sums.get(key) ?? 0n) + x[at++]));
  }
  return BigUint64Array.from(sums.values());
}
