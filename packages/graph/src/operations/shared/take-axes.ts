/** Selections along several axes, each by a list of positions. */
import type { Operations } from '../../operation/operations.js';
import { type PlainTensor, stridesOf } from '../../plain/plain-tensor.js';
import { sizeOf } from '../../shape/dims.js';

/** x at the given positions of each axis. */
export const takeAxes = <T>(k: Operations<T>, x: T, positions: readonly (readonly number[])[]): T =>
  positions.reduce((y, indices, axis) => {
    const same = indices.length === k.shapeOf(y)[axis] && indices.every((position, i) => position === i);
    return same ? y : k.take(y, { axis, indices, shape: [indices.length] });
  }, k.identity(x));

/** The same of a plain tensor, element by element. */
export function picked(x: PlainTensor, positions: readonly (readonly number[])[]): PlainTensor {
  const shape = positions.map(({ length }) => length);
  const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
    positions.reduce(
      (offset, list, axis) => offset + list[Math.floor(i / to[axis]) % list.length] * from[axis],
      0,
    ),
  );
  return { shape, data: data.map((offset) => x.data[offset]) };
}
