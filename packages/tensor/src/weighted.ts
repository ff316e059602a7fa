/** Places and elements drawn at random by private weights. */
import { ShapeError } from '@tacit/errors';
import { normalizeAxis } from '@tacit/graph';
import type { FixedPoint, ValueContext } from './fixed-point/fixed-point.js';
import { full, uniform } from './random.js';

/** What tensors must be able to do to be weights. */
interface Weights<T> {
  readonly context: ValueContext;
  readonly shape: readonly number[];
  workingPrecision(): T;
  cumsum(axis: number): T;
  narrow(axis: number, start: number, length: number): T;
  mul(y: T): T;
  gt(y: T): T;
  sub(y: T): T;
  pad(pads: readonly number[], value?: number): T;
  reshape(shape: readonly number[]): T;
  sum(axis?: number): T;
  dispose(): void;
}

type TensorOf<T> = (value: FixedPoint) => T;

/**
 * Ones where a place is drawn along an axis or, without one, in the whole tensor, and zeros elsewhere.
 * @param x weights
 * @param axis that they are weights along; negative ones count from the back
 * @param tensorOf makes a tensor
 * @returns the shape of x
 * @throws ShapeError where there is no such axis, or nothing to draw from
 */
export function weightedIndex<T extends Weights<T>>(
  x: T,
  axis: number | undefined,
  tensorOf: TensorOf<T>,
): T {
  if (axis !== undefined) return drawIndex(x, axis, tensorOf);
  const flat = x.reshape([-1]);
  const drawn = drawIndex(flat, 0, tensorOf);
  const result = drawn.reshape(x.shape);
  flat.dispose();
  drawn.dispose();
  return result;
}

/**
 * The element where a place is drawn.
 * @param x weights, of which it is one
 * @param axis that they are weights along; negative ones count from the back
 * @param tensorOf makes a tensor
 * @returns the shape of x without the axis
 * @throws ShapeError as `weightedIndex`
 */
export function weightedSample<T extends Weights<T>>(
  x: T,
  axis: number | undefined,
  tensorOf: TensorOf<T>,
): T {
  const index = weightedIndex(x, axis, tensorOf);
  const chosen = x.mul(index);
  const result = chosen.sum(axis);
  index.dispose();
  chosen.dispose();
  return result;
}

/**
 * Ones where a place is drawn, and zeros elsewhere: the first place at which the sums of the weights up to it exceed a
 * uniform part of their total. The last place has no comparison: it is drawn where no other one is, so that there is
 * exactly one whatever the weights are.
 * @param x weights
 * @param axis that they are weights along; negative ones count from the back
 * @param tensorOf makes a tensor
 * @throws ShapeError where there is no such axis, or nothing to draw from
 */
function drawIndex<T extends Weights<T>>(x: T, axis: number, tensorOf: TensorOf<T>): T {
  const own = normalizeAxis(axis, x.shape.length);
  const length = x.shape[own];
  if (length === 0) throw new ShapeError(`weightedIndex: axis ${own} of [${x.shape}] has no elements`);
  if (length === 1) return tensorOf(full(x.context, x.shape, 1));
  const weights = x.workingPrecision();
  const sums = weights.cumsum(own);
  const total = sums.narrow(own, length - 1, 1);
  const u = tensorOf(uniform(x.context, total.shape));
  const threshold = u.mul(total);
  const before = sums.narrow(own, 0, length - 1);
  const above = before.gt(threshold);
  const one = x.shape.map((_, i) => (i === own ? 1 : 0));
  const none = one.map(() => 0);
  const fromHere = above.pad([...none, ...one], 1);
  const fromNext = above.pad([...one, ...none], 0);
  const result = fromHere.sub(fromNext);
  const made = [sums, total, u, threshold, before, above, fromHere, fromNext];
  if (weights !== x) made.push(weights);
  for (const part of made) part.dispose();
  return result;
}
