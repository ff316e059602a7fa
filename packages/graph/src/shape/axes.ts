/** Axes: the only place where they are checked and counted from the front. */
import { ShapeError } from '@tacit/errors';

/** One axis, several, or (left out) all. Negative ones count from the back. */
export type Axes = number | readonly number[];

/** The axis counted from the front. Throws a ShapeError unless it is a whole number and there is such an axis. */
export function normalizeAxis(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(index) || index < 0 || index >= rank)
    throw new ShapeError(`axis ${axis} is out of range for a tensor of ${rank} dimensions`);
  return index;
}

/** Axes counted from the front, in rising order, each at most once. */
export function normalizeAxes(axes: readonly number[], rank: number): number[] {
  const result = axes.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
  if (new Set(result).size !== result.length)
    throw new ShapeError(`the axes [${axes.join(', ')}] name one twice`);
  return result;
}

/** Axes as methods take them: one, several, or all. */
export function axesOf(axes: Axes | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  return normalizeAxes(typeof axes === 'number' ? [axes] : axes, rank);
}
