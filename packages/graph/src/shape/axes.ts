/** Axes: the only place where they are checked and counted from the front. */
import { ArgumentError, ShapeError } from '@tacit/errors';

/** One axis, several, or (left out) all. Negative ones count from the back. */
export type Axes = number | readonly number[];

/**
 * The axis counted from the front.
 * @param axis axis; negative ones count from the back
 * @param rank number of axes
 * @returns a number from 0 to rank - 1
 * @throws ShapeError unless it is a whole number within the rank
 * @example normalizeAxis(-1, 3); // 2
 */
export function normalizeAxis(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(index) || index < 0 || index >= rank)
    throw new ShapeError(`axis ${axis} is out of range for a tensor of ${rank} dimensions`);
  return index;
}

/**
 * Axes counted from the front, in rising order, each at most once.
 * @param axes axes; negative ones count from the back
 * @param rank number of axes
 * @returns the axes
 * @throws ShapeError where one is out of range or named twice
 * @example normalizeAxes([-1, 0], 3); // [ 0, 2 ]
 */
export function normalizeAxes(axes: readonly number[], rank: number): number[] {
  const result = axes.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
  if (new Set(result).size !== result.length)
    throw new ShapeError(`the axes [${axes.join(', ')}] name one twice`);
  return result;
}

/**
 * Axes as methods take them: one, several, or all.
 * @param axes axes; negative ones count from the back
 * @param rank number of axes
 * @returns the axes counted from the front
 * @throws ArgumentError for something else; ShapeError where one is out of range or named twice
 * @example axesOf(undefined, 2); // [ 0, 1 ]
 */
export function axesOf(axes: Axes | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  if (typeof axes !== 'number' && !Array.isArray(axes))
    throw new ArgumentError('axes are a number or a list of numbers');
  return normalizeAxes(typeof axes === 'number' ? [axes] : axes, rank);
}
