/** Elements set to 0 at random. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import type { FixedPoint, ValueContext } from './fixed-point/fixed-point.js';
import { bernoulli, checkProbability, checkSizes } from './random.js';

/** Whether dropout drops anything. */
export interface DropoutOptions {
  /** Default true. */
  readonly training?: boolean;
  /** Sizes of what is drawn, which broadcasts to the tensor: [n, c, 1, 1] drops whole channels. Default the tensor's. */
  readonly noiseShape?: readonly number[];
}

/** What a tensor must be able to do so that elements of it can be dropped. */
interface Droppable<T> {
  readonly context: ValueContext;
  readonly shape: readonly number[];
  mul(y: T | number): T;
  clone(): T;
  dispose(): void;
}

/**
 * A tensor with elements set to 0, each with probability p, and the others divided by 1 - p.
 * @param x tensor
 * @param p probability of an element to be dropped
 * @param options see the type
 * @param tensorOf makes a tensor
 * @returns the shape of x
 * @throws ArgumentError where p is not a probability, or for options that do not exist
 * @throws ShapeError where what is drawn does not broadcast to the tensor
 */
export function dropped<T extends Droppable<T>>(
  x: T,
  p: number,
  options: DropoutOptions,
  tensorOf: (value: FixedPoint) => T,
): T {
  checkProbability('dropout', p);
  checkOptions('dropout', options, ['training', 'noiseShape']);
  const { training = true, noiseShape = x.shape } = options;
  if (typeof training !== 'boolean')
    throw new ArgumentError(`dropout: training is ${training} instead of true or false`);
  const drawn = checkSizes('dropout', noiseShape);
  const fits = drawn.length === x.shape.length && drawn.every((d, axis) => d === 1 || d === x.shape[axis]);
  if (!fits) throw new ShapeError(`dropout: a mask [${drawn}] does not broadcast to [${x.shape}]`);
  if (!training || p === 0) return x.clone();
  if (p === 1) return x.mul(0);
  const kept = tensorOf(bernoulli(x.context, drawn, 1 - p));
  const rest = x.mul(kept);
  const result = rest.mul(1 / (1 - p));
  kept.dispose();
  rest.dispose();
  return result;
}
