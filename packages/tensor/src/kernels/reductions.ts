/** Sums, extremes and where they are. */
import { type Attributes, sizeOf } from '@tacit/graph';
import type { Secret } from '@tacit/mpc';
import { permute } from '@tacit/ring';
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { FREE_BITS } from '../fixed-point/precision.js';
import { onSecrets } from './kernel.js';
import { overCount } from './multiplication.js';

export const reduceSum = onSecrets<'ReduceSum'>(([x], { axes, keepDims }) => {
  const count = countAlong(x, axes);
  const magnitude = x.context.precision.bounded(x.magnitude + (count > 1 ? Math.log2(count) : 0));
  const narrow = x.context.precision.fits(magnitude, x.scale) ? x : x.narrow();
  return narrow.with(narrow.engine.sumAxes(narrow.share, axes, keepDims), { magnitude });
});

/** How many elements meet in one of the result. */
export const countAlong = ({ shape }: FixedPoint, axes: readonly number[]): number =>
  axes.reduce((n, axis) => n * shape[axis], 1);

/**
 * The sum of x along axes and its true magnitude, which may be beyond the range of values: for what divides it. What would
 * not fit at the scale of x is truncated, and no further.
 * @param x a value
 * @param axes axes to add up, which stay with size 1 where `keepDims`
 * @param free bits of the capacity to leave free
 * @returns the sum
 */
export function wholeSum(x: FixedPoint, axes: readonly number[], keepDims: boolean, free = 0): FixedPoint {
  const magnitude = x.magnitude + Math.log2(Math.max(1, countAlong(x, axes)));
  const a = x.atMost(Math.max(0, x.context.precision.widest(magnitude, free)));
  return a.with(a.engine.sumAxes(a.share, axes, keepDims), { magnitude });
}

export const reduceMean = onSecrets<'ReduceMean'>(([x], { axes, keepDims }) =>
  overCount(wholeSum(x, axes, keepDims, FREE_BITS), countAlong(x, axes)),
);

/** x with the given axes as one, the first. */
function reducedFirst(x: FixedPoint, axes: readonly number[]): Secret {
  const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...axes, ...others];
  const shape = [sizeOf(axes.map((i) => x.shape[i])), ...others.map((i) => x.shape[i])];
  const moved = order.every((axis, i) => axis === i)
    ? x.share.reshaped(x.shape)
    : x.engine.view(x.share, permute(x.shape, order));
  const flat = moved.reshaped(shape);
  moved.dispose();
  return flat;
}

/** The extreme, and where it is if that is wanted. */
function extreme(
  kind: 'max' | 'min',
  x: FixedPoint,
  axes: readonly number[],
  [shape, wanted]: readonly (readonly number[])[],
): FixedPoint[] {
  const first = reducedFirst(x, axes);
  const count = first.shape[0];
  if (!wanted) {
    const made = x.engine.extreme(kind, first);
    first.dispose();
    return [shaped(x, made, shape)];
  }
  const { index, value } = x.engine.argExtreme(kind, first, { value: true });
  first.dispose();
  if (!value) throw new Error('an extreme was not kept beside its index');
  return [shaped(x, value, shape), shaped(x, index, shape, indexBelow(count))];
}

/** Scale and bound of an index. */
export const indexBelow = (count: number) => ({
  scale: 0,
  magnitude: Math.ceil(Math.log2(Math.max(1, count))),
});

/** The result in its shape; the one without it is not needed. */
function shaped(
  x: FixedPoint,
  result: Secret,
  shape: readonly number[],
  to: { scale?: number; magnitude?: number } = {},
): FixedPoint {
  const made = x.with(result.reshaped(shape), to);
  result.dispose();
  return made;
}

export const reduceMax = onSecrets<'ReduceMax'>(([x], { axes }, shapes) => extreme('max', x, axes, shapes));
export const reduceMin = onSecrets<'ReduceMin'>(([x], { axes }, shapes) => extreme('min', x, axes, shapes));

function argExtreme(
  kind: 'max' | 'min',
  x: FixedPoint,
  { axis }: Attributes<'ArgMax'>,
  shape: readonly number[],
): FixedPoint {
  const axes = axis === null ? x.shape.map((_, i) => i) : [axis];
  const first = reducedFirst(x, axes);
  const { index } = x.engine.argExtreme(kind, first);
  const count = first.shape[0];
  first.dispose();
  return shaped(x, index, shape, indexBelow(count));
}

export const argMax = onSecrets<'ArgMax'>(([x], attributes, [shape]) =>
  argExtreme('max', x, attributes, shape),
);
export const argMin = onSecrets<'ArgMin'>(([x], attributes, [shape]) =>
  argExtreme('min', x, attributes, shape),
);
