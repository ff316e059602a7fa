/** Products of elements, squares, and quotients by public and owned values. */
import { ArgumentError } from '@tacit/errors';
import { map, type PlainTensor, UnsupportedOperationError } from '@tacit/graph';
import { type Bilinear, fingerprint, type Prepared, type Secret } from '@tacit/mpc';
import { broadcastTo, sameShape, sizeOf } from '@tacit/ring';
import type { FixedPoint, ValueContext } from '../fixed-point/fixed-point.js';
import {
  eachPrecise,
  FREE_BITS,
  INVERSE_BITS,
  magnitudeOf,
  SPARE_BITS,
  type TermOptions,
} from '../fixed-point/precision.js';
import { Product } from '../fixed-point/product.js';
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
import { bilinearOwned, secretFactors, summed, withRests } from './bilinear.js';
import type { PrivateKernel } from './kernel.js';

type Shape = readonly number[];

export const mul: PrivateKernel<'Mul'> = (context, [x, y], _attributes, [shape]) => {
  if (!isSecret(x)) return isSecret(y) ? [product(y, x, shape)] : [product(secretOf(context, x), y, shape)];
  return [product(x, y, shape)];
};

function product(x: FixedPoint, y: PrivateValue, shape: Shape): FixedPoint {
  if (isPlain(y)) return timesPlain(x, y, shape);
  if (isOwned(y)) return timesOwned(x, y, shape);
  return y === x ? square(x) : timesSecret(x, y, shape);
}

function timesSecret(x: FixedPoint, y: FixedPoint, shape: Shape): FixedPoint {
  const { engine, context } = x;
  const f: Bilinear = { op: 'mul', n: sizeOf(shape) };
  const magnitude = context.precision.bounded(x.magnitude + y.magnitude);
  return withRests(x, y, magnitude, (left, right) => {
    const [a, b] = secretFactors(left, right, 0);
    const [A, B] = [engine.prepare(a.share), engine.prepare(b.share)];
    const same = sameShape(a.shape, b.shape);
    const [X, Y] = same ? [A, B] : [viewTo(context, A, shape), viewTo(context, B, shape)];
    const made = new Product(engine, shape, [X, Y], (bits) =>
      same ? engine.multiply(X, Y, bits) : engine.bilinear(f, X, Y, shape, bits),
    );
    return [made, a.scale + b.scale + engine.productExtraBits];
  });
}

export function square(x: FixedPoint): FixedPoint {
  const { engine } = x;
  const { bounded, fits } = x.context.precision;
  const magnitude = bounded(2 * x.magnitude);
  const a = fits(magnitude, 2 * x.scale + engine.productExtraBits) ? x : x.narrow();
  const X = engine.prepare(a.share);
  const made = new Product(engine, a.shape, [X], (bits) => engine.square(X, bits));
  return x.with(made, { scale: 2 * a.scale + engine.productExtraBits, magnitude });
}

const timesOwned = (x: FixedPoint, w: OwnedTensor, shape: Shape): FixedPoint =>
  bilinearOwned(x, w, { f: { op: 'mul', n: sizeOf(shape) }, shape, grows: 0 }, (context, operand) =>
    viewTo(context, operand, shape),
  );

const viewTo = ({ engine }: ValueContext, operand: Prepared, shape: Shape): Prepared =>
  sameShape(operand.shape, shape) ? operand : engine.viewPrepared(operand, broadcastTo(operand.shape, shape));

/** Integers below this need no fraction bits. */
const INTEGERS_BELOW = 2 ** 20;

function timesPlain(x: FixedPoint, y: PlainTensor, shape: Shape): FixedPoint {
  const { precision } = x.context;
  if (y.data.every((v) => Number.isInteger(v) && Math.abs(v) < INTEGERS_BELOW)) {
    const magnitude = precision.bounded(x.magnitude + Math.max(0, magnitudeOf(y.data)));
    const a = broadcast(precision.fits(magnitude, x.scale) ? x : x.narrow(), shape);
    return a.with(scaledBy(a, y, 0), { magnitude });
  }
  return timesConstants(x.narrow(SPARE_BITS), y, shape, eachPrecise(y.data));
}

/** A product with constants, of a value that is narrow enough for them. */
function timesConstants(
  x: FixedPoint,
  y: PlainTensor,
  shape: Shape,
  enough: (rest: (index: number) => number) => boolean,
  options?: TermOptions,
): FixedPoint {
  const { precision } = x.context;
  const a = broadcast(x, shape);
  const magnitude = precision.bounded(x.magnitude + magnitudeOf(y.data));
  const terms = precision
    .terms(y.data, a.scale, x.magnitude, enough, options)
    .map(({ values, scale }): [Secret, number] => [
      scaledBy(a, { shape: y.shape, data: values }, scale),
      a.scale + scale,
    ]);
  return summed(x, terms, magnitude);
}

/** The share times public words of that scale, repeated to its shape. */
function scaledBy(a: FixedPoint, y: PlainTensor, scale: number): Secret {
  const { context, engine } = a;
  const words = engine.ring.encode(y.data, scale);
  if (words.length === 1) return engine.mulScalar(a.share, words[0]);
  const all = broadcastWords(context, words, y.shape, a.shape);
  return engine.mulPublic(a.share, all, `${y.shape}/${fingerprint(words)}`);
}

/** x / y: for a y that is public, or owned by a party, a product with the inverse. */
export const div: PrivateKernel<'Div'> = (context, [x, y], { integer }, [shape]) => {
  if (integer) throw new UnsupportedOperationError('integer division', 'in private');
  const a = secretOf(context, x);
  if (isSecret(y)) return [overSecret(a, y, shape)];
  if (isOwned(y)) return [timesOwned(a, inverseOf(y), shape)];
  return [overPlain(a, y, shape)];
};

function inverseOf(w: OwnedTensor): OwnedTensor {
  if (w.values?.includes(0)) throw new ArgumentError('division by an owned tensor that holds a zero');
  const { fractionBits } = w.context.precision;
  // Of divisors that are not known, large ones have small inverses: a second term keeps those.
  return w.map((v) => 1 / v, [fractionBits, 2 * fractionBits + 1]);
}

/** x / y of secrets. */
function overSecret(x: FixedPoint, y: FixedPoint, shape: Shape): FixedPoint {
  const { precision } = x.context;
  const [a, b] = [x, y].map((v) => v.narrow().withFractions());
  const dividend = broadcast(a, shape);
  return dividend.with(x.engine.quotient(dividend.share, b.share), {
    scale: precision.fractionBits,
    magnitude: precision.range,
  });
}

/** Quotients by such powers of two only move the binary point. */
const MOST_MOVED = 24;
/** Bits of an inverse in one term at least, where there is a choice. */
const TERM_BITS = 9;
/** Enough for the inverse of a count whose sums leave few bits for it. */
const MOST_TERMS_OF_INVERSE = 10;

export function overPlain(x: FixedPoint, y: PlainTensor, shape: Shape): FixedPoint {
  const bad = y.data.find((v) => v === 0 || !Number.isFinite(v));
  if (bad !== undefined) throw new ArgumentError(`division by ${bad}`);
  const power = y.data.length > 0 ? Math.log2(Math.abs(y.data[0])) : Number.NaN;
  const moves =
    Number.isInteger(power) && power >= 0 && power <= MOST_MOVED && y.data.every((v) => v === y.data[0]);
  if (!moves) return timesInverse(x.narrow(SPARE_BITS), y, shape);
  const { capacity } = x.context.precision;
  const wide = broadcast(x.scale + power <= capacity ? x : x.narrow(), shape);
  const share = y.data[0] < 0 ? x.engine.neg(wide.share) : wide.share.reshaped(shape);
  return wide.with(share, { scale: wide.scale + power, magnitude: Math.max(-62, wide.magnitude - power) });
}

function timesInverse(x: FixedPoint, y: PlainTensor, shape: Shape, reserve = 0): FixedPoint {
  const inverse = map(y, (v) => 1 / v);
  return timesConstants(x, inverse, shape, eachPrecise(inverse.data, INVERSE_BITS - 1), {
    bits: INVERSE_BITS,
    reserve,
    most: MOST_TERMS_OF_INVERSE,
  });
}

/**
 * A sum over a public count: a mean is in range where the sum itself, whose magnitude is the true one, need not be. The sum
 * of a product keeps its bits, so that a small variance is right.
 * @param sum as it is held, below the capacity
 * @param count a whole number
 * @returns sum / count
 */
export function overCount(sum: FixedPoint, count: number): FixedPoint {
  const { fractionBits, range, widest } = sum.context.precision;
  const { shape } = sum;
  const plain = (v: number): PlainTensor => ({ shape: [], data: Float64Array.of(v) });
  const power = Math.ceil(Math.log2(count));
  const room = widest(sum.magnitude, FREE_BITS) - fractionBits;
  if (sum.scale <= fractionBits + SPARE_BITS && (room - SPARE_BITS >= TERM_BITS / 2 || power === 0))
    return overPlain(sum, plain(count), shape);
  const near = overPlain(sum, plain(2 ** power), shape);
  if (2 ** power === count) return near;
  const most = Math.max(fractionBits, widest(Math.min(near.magnitude, range), FREE_BITS + TERM_BITS));
  return timesInverse(near.atMost(most), plain(count / 2 ** power), shape, FREE_BITS);
}
