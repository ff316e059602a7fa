/** Comparisons, bounds and smooth functions of each element. */
import { ArgumentError } from '@tacit/errors';

import { type OctaveFunction, type Secret, type SplineTable, splineTables } from '@tacit/mpc';
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { FINER_BITS, magnitudeOf } from '../fixed-point/precision.js';
import { secretOf } from '../private-value.js';
import { add, sub } from './addition.js';
import type { PrivateKernel } from './kernel.js';
import { onSecrets } from './kernel.js';

/** A bit, at scale 0. */
const BIT = { scale: 0, magnitude: 0 };

/** With no more fraction bits than at rest, where the session truncates exactly: others truncate on the way. */
const exactly = (x: FixedPoint): FixedPoint => (x.engine.config.truncation === 'exact' ? x.narrow() : x);

export const relu = onSecrets<'Relu'>(([given], _attributes, shapes) => {
  const { fractionBits } = given.context.precision;
  const x = exactly(given);
  const drop = Math.max(0, x.scale - fractionBits);
  const { y, bit } = x.engine.relu(x.share, { drop, bit: shapes.length > 1 });
  const result = x.with(y, { scale: x.scale - drop });
  return bit ? [result, x.with(bit, BIT)] : result;
});

/** |x| = 2 ReLU(x) - x at the scale of x, without a truncation. */
export const abs = onSecrets<'Abs'>(([x]) => {
  const { engine, share } = x;
  const positive = engine.relu(share).y;
  const twice = engine.mulScalar(positive, 2n);
  const result = x.with(engine.sub(twice, share));
  positive.dispose();
  twice.dispose();
  return result;
});

export const sign = onSecrets<'Sign'>(([x]) => x.with(x.engine.signum(x.share), BIT));

/** The exact floor: what a truncation makes of x is that or one more, which a comparison with x tells. */
export const floor = onSecrets<'Floor'>(([x], _attributes, [shape]) => {
  const { context, engine, scale } = x;
  if (scale === 0) return x;
  const whole = x.with(engine.truncate(x.share, scale), {
    scale: 0,
    magnitude: context.precision.bounded(Math.max(x.magnitude, 0) + 1),
  });
  if (engine.config.truncation === 'exact') return whole;
  const back = engine.mulScalar(whole.share, 1n << BigInt(scale));
  const rest = engine.sub(x.share, back);
  const right = x.with(engine.nonNegative(rest), BIT);
  for (const part of [back, rest]) part.dispose();
  const [sum] = add(context, [whole, right], {}, [shape]);
  const less = { shape: [], data: Float64Array.of(-1) };
  const [made] = add(context, [sum, less], {}, [shape]);
  return secretOf(context, made);
});

export const clip = onSecrets<'Clip'>(([given], { min, max }) => {
  const { fractionBits } = given.context.precision;
  const x = exactly(given.withFractions());
  // A bound beyond the range of values has no effect.
  const largest = 2 ** (x.engine.config.window - 2 - x.scale);
  const encoded = (v: number): bigint => BigInt.asIntN(64, x.engine.ring.encode([v], fractionBits)[0]);
  if ((min ?? -Infinity) >= largest || (max ?? Infinity) <= -largest)
    throw new ArgumentError(`clip: no value below ${largest} lies between ${min} and ${max}`);
  const low = min !== null && min > -largest ? encoded(min) : undefined;
  const high = max !== null && max < largest ? encoded(max) : undefined;
  if (low === undefined && high === undefined) return x;
  const share = x.engine.clip(x.share, { low, high, drop: x.scale - fractionBits });
  const bounds = low !== undefined && high !== undefined ? magnitudeOf([min ?? 0, max ?? 0]) : x.magnitude;
  return x.with(share, { scale: fractionBits, magnitude: Math.min(x.magnitude, bounds) });
});

const smooth = (name: 'sigmoid' | 'tanh') => (x: FixedPoint) =>
  x.with(x.engine[name](x.share, x.scale), { scale: x.context.precision.fractionBits, magnitude: 0 });

/** Of a value that functions by octaves take. */
const MOST_BITS = 61;
/** Of a value at rest whose octaves are all told apart. */
const OCTAVE_BITS = 46;

/** x as functions of numbers of all magnitudes take it, and the exponent of the largest one that is told apart. */
export function forOctaves(given: FixedPoint): { readonly x: FixedPoint; readonly high: number } {
  const { precision } = given.context;
  // Of a product with all of its fraction bits, smaller numbers are right, too.
  const bound = Math.ceil(given.magnitude);
  const x = (given.scale + Math.max(bound, 1) <= MOST_BITS ? given : given.narrow()).withFractions();
  // At rest, without a known bound, larger numbers than are promised are right as well.
  const unknown = given.magnitude >= precision.range && x.scale === precision.fractionBits;
  return { x, high: unknown ? Math.max(bound, OCTAVE_BITS - x.scale) : bound };
}

function byOctaves(given: FixedPoint, kind: OctaveFunction, signed = false): FixedPoint {
  const { fractionBits, range } = given.context.precision;
  const { x, high } = forOctaves(given);
  const share = x.engine.octaveFunction(kind, x.share, x.scale, { high, signed });
  return x.with(share, { scale: fractionBits, magnitude: range });
}

export const log = onSecrets<'Log'>(([x]) => byOctaves(x, 'log'));
export const sqrt = onSecrets<'Sqrt'>(([x]) => byOctaves(x, 'sqrt'));
export const reciprocal = onSecrets<'Reciprocal'>(([x]) => byOctaves(x, 'reciprocal', true));

/** The inverse of the smallest root that is told apart. */
const LARGEST_INVERSE_ROOT = 10;

/**
 * 1 / sqrt(x) twice: at rest with what is left of it, for products with values of any size, and as one value of more
 * fraction bits, for those that are known to be small.
 * @param given x
 * @param finerBits fraction bits of the second beside those at rest
 * @param factor what the results are multiplied by, between 1/2 and 1
 */
export function inverseRoot(
  given: FixedPoint,
  finerBits: number,
  factor = 1,
): { readonly value: FixedPoint; readonly finer: FixedPoint } {
  const { fractionBits, range } = given.context.precision;
  const { x, high } = forOctaves(given);
  const { engine } = x;
  const made = engine.inverseRoot(x.share, x.scale, { high, finerBits, factor });
  const magnitude = Math.min(range, LARGEST_INVERSE_ROOT);
  const finer = x.with(made.finer, { scale: fractionBits + finerBits, magnitude });
  const value = x.with(made.value, { scale: fractionBits, magnitude });
  const held = engine.mulScalar(made.value, 1n << BigInt(finerBits));
  // Both are rounded, so they are a unit at rest apart.
  const rest = x.with(engine.sub(made.finer, held), { scale: finer.scale, magnitude: 1 - fractionBits });
  held.dispose();
  return { value: value.withRest(rest), finer };
}

export const invSqrt = onSecrets<'InvSqrt'>(([x]) => {
  const { value, finer } = inverseRoot(x, Math.min(FINER_BITS, x.context.precision.fractionBits));
  finer.dispose();
  return value;
});

/** A stored function, at the fraction bits at rest. */
const tabulated = (x: FixedPoint, table: SplineTable): Secret => x.engine.tabulated(x.share, x.scale, table);

export const erf = onSecrets<'Erf'>(([x]) =>
  x.with(tabulated(x, splineTables.erf), { scale: x.context.precision.fractionBits, magnitude: 0 }),
);

/** max(x, 0) plus a stored function, made side by side. */
function overRelu(given: FixedPoint, table: SplineTable): FixedPoint {
  const { fractionBits } = given.context.precision;
  const x = exactly(given.withFractions());
  const { engine, share, scale, magnitude } = x;
  const positive = engine.relu(share, { drop: scale - fractionBits }).y;
  const rest = tabulated(x, table);
  const sum = engine.add(positive, rest);
  for (const part of [positive, rest]) part.dispose();
  return x.with(sum, { scale: fractionBits, magnitude: Math.max(magnitude, 0) });
}

export const gelu = onSecrets<'Gelu'>(([x], { approximate }) =>
  overRelu(x, approximate === 'tanh' ? splineTables.geluTanhResidue : splineTables.geluResidue),
);
export const silu = onSecrets<'Silu'>(([x]) => overRelu(x, splineTables.siluResidue));
export const softplus = onSecrets<'Softplus'>(([x]) => overRelu(x, splineTables.softplusResidue));
export const mish = onSecrets<'Mish'>(([x]) => overRelu(x, splineTables.mishResidue));

export const sigmoid = onSecrets<'Sigmoid'>(([x]) => smooth('sigmoid')(x));
export const tanh = onSecrets<'Tanh'>(([x]) => smooth('tanh')(x));

const periodic = (kind: 'sin' | 'cos') => (given: FixedPoint) => {
  const { fractionBits } = given.context.precision;
  const x = given.narrow().withFractions();
  return x.with(x.engine.sine(kind, x.share, x.scale), { scale: fractionBits, magnitude: 0 });
};
export const sin = onSecrets<'Sin'>(([x]) => periodic('sin')(x));
export const cos = onSecrets<'Cos'>(([x]) => periodic('cos')(x));

/** The private form goes up to 2^15. */
const EXP_MAGNITUDE = 15;

export const exp = onSecrets<'Exp'>(([x]) => {
  const magnitude = Math.min(EXP_MAGNITUDE, Math.ceil(2 ** x.magnitude * Math.LOG2E));
  return x.with(x.engine.exp(x.share, x.scale), { scale: x.context.precision.fractionBits, magnitude });
});

export const greaterOrEqual: PrivateKernel<'GreaterOrEqual'> = (context, inputs, attributes, shapes) => {
  const x = secretOf(context, sub(context, inputs, attributes, shapes)[0]);
  return [x.with(x.engine.nonNegative(x.share), BIT)];
};

export const equal: PrivateKernel<'Equal'> = (context, inputs, attributes, shapes) => {
  const x = secretOf(context, sub(context, inputs, attributes, shapes)[0]);
  return [x.with(x.engine.isZero(x.share), BIT)];
};
