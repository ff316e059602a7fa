/** Shapes as [outer, middle, inner], where a broadcast or reduced operand has the middle part only. */

export interface Planes {
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

const product = (sizes: readonly number[]): number => sizes.reduce((size, d) => size * d, 1);

/**
 * Neighbouring axes of a shape, between those before and behind them.
 * @param shape sizes of all axes
 * @param kept whether each axis belongs to the middle; axes of size 1 may belong anywhere
 * @returns sizes of the three parts; undefined where those of the middle are no neighbours
 */
export function planesOf(shape: readonly number[], kept: readonly boolean[]): Planes | undefined {
  const own = shape.flatMap((d, axis) => (d !== 1 && kept[axis] ? [axis] : []));
  if (own.length === 0) return { outer: 1, middle: 1, inner: product(shape) };
  const [start, end] = [own[0], own[own.length - 1] + 1];
  if (shape.slice(start, end).some((d, i) => d !== 1 && !kept[start + i])) return undefined;
  return {
    outer: product(shape.slice(0, start)),
    middle: product(shape.slice(start, end)),
    inner: product(shape.slice(end)),
  };
}
