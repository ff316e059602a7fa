/** What the private backend computes on: secrets, tensors that one party owns, and public ones. */
import type { PlainTensor } from '@tacit/graph';
import { broadcastTo, sameShape, type Words } from '@tacit/ring';
import { FixedPoint, type ValueContext } from './fixed-point/fixed-point.js';
import { magnitudeOf } from './fixed-point/precision.js';
import { OwnedTensor } from './owned-tensor.js';

export type PrivateValue = FixedPoint | OwnedTensor | PlainTensor;

export const isPlain = (x: PrivateValue): x is PlainTensor => !isSecret(x) && !isOwned(x);
export const isSecret = (x: PrivateValue): x is FixedPoint => x instanceof FixedPoint;
export const isOwned = (x: PrivateValue): x is OwnedTensor => x instanceof OwnedTensor;

/**
 * Any value as a secret: a public one is shared by public knowledge, an owned one by its owner. No round, no message.
 * @param context what the tensors of one party share
 * @param x secret, owned or public value
 * @returns the secret
 * @example const value = secretOf(context, plainTensor([2], [1, 2]));
 */
export function secretOf(context: ValueContext, x: PrivateValue): FixedPoint {
  if (isSecret(x)) return x;
  const { engine, precision } = context;
  const { fractionBits } = precision;
  if (isOwned(x)) {
    const scale = Math.max(fractionBits, x.scales[0]);
    const share = engine.input(x.owner, x.shape, x.encoded(scale), scale);
    return new FixedPoint(context, share, scale, precision.range);
  }
  const words = engine.ring.encode(x.data, fractionBits);
  const magnitude = precision.bounded(magnitudeOf(x.data));
  return new FixedPoint(context, engine.fromPublic(words, x.shape), fractionBits, magnitude);
}

/** A secret repeated to a shape. Local. */
export const broadcast = (x: FixedPoint, shape: readonly number[]): FixedPoint =>
  sameShape(x.shape, shape) ? x : x.moved((share) => x.engine.view(share, broadcastTo(x.shape, shape)));

/** Words repeated to a shape. */
export const broadcastWords = (
  context: ValueContext,
  words: Words,
  from: readonly number[],
  to: readonly number[],
): Words => (sameShape(from, to) ? words : context.engine.ring.materialize(words, broadcastTo(from, to)));
