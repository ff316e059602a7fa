/** Sums and differences with any kind of operand. Local. */
import { map, type PlainTensor } from '@tacit/graph';
import { fingerprint } from '@tacit/mpc';
import { aligned, type FixedPoint, type ValueContext } from '../fixed-point/fixed-point.js';
import { magnitudeOf } from '../fixed-point/precision.js';
import type { OwnedTensor } from '../owned-tensor.js';
import {
  broadcast,
  broadcastWords,
  isOwned,
  isPlain,
  isSecret,
  type PrivateValue,
  secretOf,
} from '../private-value.js';
import type { PrivateKernel } from './kernel.js';

type Shape = readonly number[];

export const add: PrivateKernel<'Add'> = (context, [x, y], _attributes, [shape]) => {
  if (!isSecret(x) && isSecret(y)) return [sum(context, y, x, shape)];
  return [sum(context, secretOf(context, x), y, shape)];
};

export const sub: PrivateKernel<'Sub'> = (context, [x, y], _attributes, [shape]) => {
  if (isPlain(y))
    return [
      sum(
        context,
        secretOf(context, x),
        map(y, (v) => -v),
        shape,
      ),
    ];
  if (isSecret(x) && isSecret(y)) return [difference(x, y, shape)];
  if (isSecret(y)) return [sum(context, negated(y), x, shape)];
  const a = secretOf(context, x);
  return [
    isOwned(y) ? negated(sum(context, negated(a), y, shape)) : difference(a, secretOf(context, y), shape),
  ];
};

export const neg: PrivateKernel<'Neg'> = (context, [x]) => [negated(secretOf(context, x))];

const negated = (x: FixedPoint): FixedPoint => x.moved((share) => x.engine.neg(share));

/** Of two values whose size is known, the sum's. */
const grown = ({ context }: FixedPoint, a: number, b: number): number =>
  context.precision.bounded(Math.max(a, b) + 1);

function sum(context: ValueContext, x: FixedPoint, y: PrivateValue, shape: Shape): FixedPoint {
  if (isPlain(y)) return plusPlain(context, x, y, shape);
  if (isOwned(y)) return plusOwned(context, x, y, shape);
  const [a, b] = aligned(x, y);
  const share = x.engine.add(broadcast(a, shape).share, broadcast(b, shape).share);
  return a.with(share, { magnitude: grown(x, a.magnitude, b.magnitude) });
}

function difference(x: FixedPoint, y: FixedPoint, shape: Shape): FixedPoint {
  const [a, b] = aligned(x, y);
  const share = x.engine.sub(broadcast(a, shape).share, broadcast(b, shape).share);
  return a.with(share, { magnitude: grown(x, a.magnitude, b.magnitude) });
}

/** x at a scale that holds the numbers, with room for them. */
function wideFor(x: FixedPoint, y: PlainTensor, magnitude: number): FixedPoint {
  const { precision } = x.context;
  const exact = y.data.every((v) => Number.isInteger(v * 2 ** x.scale));
  const wide = exact ? x : x.withFractions();
  return precision.fits(magnitude, wide.scale) ? wide : wide.narrow();
}

function plusPlain(context: ValueContext, x: FixedPoint, y: PlainTensor, shape: Shape): FixedPoint {
  const { engine } = context;
  const own = magnitudeOf(y.data);
  const magnitude = grown(x, x.magnitude, own);
  const wide = broadcast(wideFor(x, y, Math.max(magnitude, own)), shape);
  const words = engine.ring.encode(y.data, wide.scale);
  // Of a bias the few words are told apart, not the broadcast ones.
  const identity = `${y.shape}/${fingerprint(words)}`;
  const share = engine.addPublic(wide.share, broadcastWords(context, words, y.shape, shape), identity);
  return wide.with(share, { magnitude });
}

function plusOwned(context: ValueContext, x: FixedPoint, y: OwnedTensor, shape: Shape): FixedPoint {
  const { engine, precision } = context;
  const magnitude = precision.range;
  const fractions = x.withFractions();
  const fitting = precision.fits(magnitude, fractions.scale) ? fractions : fractions.narrow();
  const wide = broadcast(fitting, shape);
  const words = y.encoded(wide.scale);
  const all = words && broadcastWords(context, words, y.shape, shape);
  return wide.with(engine.addPrivate(wide.share, y.owner, all), { magnitude });
}
