/** Comparisons, bounds and smooth functions of each element. */
import { ArgumentError } from '@tacit/errors';

import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { magnitudeOf } from '../fixed-point/precision.js';
import { secretOf } from '../private-value.js';
import { sub } from './addition.js';
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

export const sigmoid = onSecrets<'Sigmoid'>(([x]) => smooth('sigmoid')(x));
export const tanh = onSecrets<'Tanh'>(([x]) => smooth('tanh')(x));

export const greaterOrEqual: PrivateKernel<'GreaterOrEqual'> = (context, inputs, attributes, shapes) => {
  const x = secretOf(context, sub(context, inputs, attributes, shapes)[0]);
  return [x.with(x.engine.nonNegative(x.share), BIT)];
};

export const equal: PrivateKernel<'Equal'> = (context, inputs, attributes, shapes) => {
  const x = secretOf(context, sub(context, inputs, attributes, shapes)[0]);
  return [x.with(x.engine.isZero(x.share), BIT)];
};
