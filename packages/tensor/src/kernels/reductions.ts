/** Sums, extremes and where they are. */
import { type Attributes, sizeOf } from '@tacit/graph';
import type { Secret } from '@tacit/mpc';
import { permute } from '@tacit/ring';
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { onSecrets } from './kernel.js';

export const reduceSum = onSecrets<'ReduceSum'>(([x], { axes, keepDims }) => {
  const count = axes.reduce((n, axis) => n * x.shape[axis], 1);
  const magnitude = x.context.precision.bounded(x.magnitude + (count > 1 ? Math.log2(count) : 0));
  const narrow = x.context.precision.fits(magnitude, x.scale) ? x : x.narrow();
  return narrow.with(narrow.engine.sumAxes(narrow.share, axes, keepDims), { magnitude });
});

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
