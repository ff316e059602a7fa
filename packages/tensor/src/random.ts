/** Values that nobody knows, and values that everybody does, as secrets. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { sizeOf } from '@tacit/graph';
import type { Distribution } from '@tacit/mpc';
import { FixedPoint, type ValueContext } from './fixed-point/fixed-point.js';
import { secretOf } from './private-value.js';

/** Normal variables are drawn in double precision. */
const MOST_NORMAL_BITS = 48;
/** They stay below 2^4 standard deviations. */
const NORMAL_MAGNITUDE = 4;

/** A shape that a program gives. @throws ShapeError unless it is a list of sizes */
export function checkSizes(what: string, shape: readonly number[]): readonly number[] {
  if (!Array.isArray(shape) || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
    throw new ShapeError(`${what} takes a shape, such as [2, 3], not ${JSON.stringify(shape)}`);
  return [...shape];
}

/** A probability that is public. @throws ArgumentError unless it is a number from 0 to 1 */
export function checkProbability(what: string, p: number): number {
  if (typeof p !== 'number' || !(p >= 0 && p <= 1))
    throw new ArgumentError(`${what}: the probability is ${p} instead of a number from 0 to 1`);
  return p;
}

const drawn = (
  context: ValueContext,
  shape: readonly number[],
  distribution: Distribution,
  scale: number,
  magnitude: number,
): FixedPoint => new FixedPoint(context, context.engine.random(shape, distribution), scale, magnitude);

/** Uniform on [0, 1), on the grid of the session's fraction bits. */
export function uniform(context: ValueContext, shape: readonly number[]): FixedPoint {
  const { fractionBits: bits } = context.precision;
  return drawn(context, shape, { kind: 'uniform', bits }, bits, 0);
}

/** Standard normal variables, rounded to that grid. */
export function normal(context: ValueContext, shape: readonly number[]): FixedPoint {
  const bits = Math.min(context.precision.fractionBits, MOST_NORMAL_BITS);
  return drawn(context, shape, { kind: 'normal', bits }, bits, NORMAL_MAGNITUDE);
}

/** Bits that are 1 with a public probability, at scale 0. */
export const bernoulli = (context: ValueContext, shape: readonly number[], probability: number): FixedPoint =>
  drawn(context, shape, { kind: 'bernoulli', probability }, 0, 0);

/** The same public number everywhere. */
export const full = (context: ValueContext, shape: readonly number[], value: number): FixedPoint =>
  secretOf(context, { shape, data: new Float64Array(sizeOf(shape)).fill(value) });
