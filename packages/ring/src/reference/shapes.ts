// Walks over shapes, index by index.
import type { Shape, View } from '../shapes.js';
import type { Words } from '../words.js';
import { wrap } from './word.js';

/** All indices of a shape in row-major order. */
export function* indicesOf(shape: Shape): Generator<number[]> {
  if (shape.length === 0) {
    yield [];
    return;
  }
  for (let i = 0; i < shape[0]; i++) for (const rest of indicesOf(shape.slice(1))) yield [i, ...rest];
}

/** Position of an index in a view. */
export function offsetOf(view: View, index: readonly number[]): number {
  return index.reduce((at, i, axis) => at + i * view.strides[axis], view.offset);
}

export function gather(a: Words, view: View): Words {
  return BigUint64Array.from([...indicesOf(view.shape)], (index) => a[offsetOf(view, index)]);
}

export function sumAxes(x: Words, shape: Shape, axes: readonly number[]): Words {
  const sums = new Map<string, bigint>();
  let at = 0;
  for (const index of indicesOf(shape)) {
    const key = index.filter((_, axis) => !axes.includes(axis)).join();
    sums.set(key, wrap((sums.get(key) ?? 0n) + x[at++]));
  }
  return BigUint64Array.from(sums.values());
}
