/** Axes as users write them: whole numbers, negative ones from the back. */
import { ShapeError } from '@tacit/mpc';

/** The axis counted from the front. Throws a ShapeError unless the shape has it. */
export function axisOf(what: string, axis: number, shape: readonly number[]): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= shape.length)
    throw new ShapeError(`${what}: there is no axis ${axis} in the shape [${shape}]`);
  return positive;
}

/** Several axes, or all; each at most once. */
export function axesOf(
  what: string,
  axes: number | readonly number[] | undefined,
  shape: readonly number[],
): number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => axisOf(what, axis, shape));
  if (new Set(list).size !== list.length)
    throw new ShapeError(`${what}: the axes [${axes}] of the shape [${shape}] name one twice`);
  return list;
}
