/** What reductions share: how many elements meet in one, and the cotangent of a sum. */
import type { Operations } from '../../operation/operations.js';
import { type ReduceAttributes, reducedShape } from './reduction.js';

export const countOf = (shape: readonly number[], axes: readonly number[]): number =>
  axes.reduce((n, axis) => n * shape[axis], 1);

/** A reduced tensor with its axes of size 1 again. */
export const keptAxes = <T>(
  k: Operations<T>,
  y: T,
  shape: readonly number[],
  { axes }: ReduceAttributes,
): T => k.reshape(y, { shape: reducedShape(shape, axes, true) as number[], allowZero: true });

/** The cotangent of every element of a sum is that of the sum. */
export const broadcastBack = <T>(
  k: Operations<T>,
  dy: T,
  shape: readonly number[],
  attributes: ReduceAttributes,
): T => k.expand(keptAxes(k, dy, shape, attributes), { shape });
