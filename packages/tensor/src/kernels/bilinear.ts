/**
 * f(x, y) for a bilinear map f and any kind of operand, with the scales that keep the product in its range: what products,
 * matrix products and convolutions share.
 */
import type { PlainTensor } from '@tacit/graph';
import type { Bilinear } from '@tacit/mpc';
import type { FixedPoint, ValueContext } from '../fixed-point/fixed-point.js';
import { type ConstantTerm, magnitudeOf, SPARE_BITS } from '../fixed-point/precision.js';
import { Product } from '../fixed-point/product.js';
import { SumOfTerms, type Term } from '../fixed-point/sum-of-terms.js';
import type { OwnedTensor } from '../owned-tensor.js';

export interface BilinearMap {
  readonly f: Bilinear;
  readonly shape: readonly number[];
  /** log2 of how many products are added up to one element. */
  readonly grows: number;
}

/** x with few enough fraction bits for a product whose other operand has `scale` of them. */
export function factor(x: FixedPoint, scale: number, magnitude: number): FixedPoint {
  const { fits } = x.context.precision;
  if (x.scaled || fits(magnitude, x.scale + scale)) return x;
  const spare = x.narrow(SPARE_BITS);
  return fits(magnitude, spare.scale + scale) ? spare : x.narrow();
}

/** x as products with a value at rest take it. */
export function asFactor(x: FixedPoint): FixedPoint {
  const { precision } = x.context;
  const magnitude = precision.bounded(x.magnitude + precision.range);
  return factor(x, precision.fractionBits + x.engine.productExtraBits, magnitude);
}

/** Two secrets, prepared by the caller in the views that f wants. */
export function secretFactors(x: FixedPoint, y: FixedPoint, grows: number): [FixedPoint, FixedPoint, number] {
  const { precision, engine } = x.context;
  const magnitude = precision.bounded(x.magnitude + y.magnitude + grows);
  const extra = engine.productExtraBits;
  if (x.scaled || y.scaled) return [x.scaled ? x : x.narrow(), y.scaled ? y : y.narrow(), magnitude];
  // The one with more bits to spare first; the other only if that was not enough.
  const narrowFirst = x.scale >= y.scale;
  const a = narrowFirst ? factor(x, y.scale + extra, magnitude) : x;
  const b = factor(y, a.scale + extra, magnitude);
  return [narrowFirst ? a : factor(x, b.scale + extra, magnitude), b, magnitude];
}

/** f(x, y) of two secrets; what is left of one of them on a finer grid is multiplied, too. */
export function bilinearSecrets(x: FixedPoint, y: FixedPoint, { f, shape, grows }: BilinearMap): FixedPoint {
  const { engine } = x;
  const magnitude = x.context.precision.bounded(x.magnitude + y.magnitude + grows);
  return withRests(x, y, magnitude, (left, right) => {
    const [a, b] = secretFactors(left, right, grows);
    const [X, Y] = [engine.prepare(a.share), engine.prepare(b.share)];
    const product = new Product(engine, shape, [X, Y], (bits) => engine.bilinear(f, X, Y, shape, bits));
    return [product, a.scale + b.scale + engine.productExtraBits];
  });
}

/** The sum of the products of x and y and of what is left of them; that of the rests is below anything kept. */
export function withRests(
  x: FixedPoint,
  y: FixedPoint,
  magnitude: number,
  product: (x: FixedPoint, y: FixedPoint) => [Product, number],
): FixedPoint {
  const pairs: [FixedPoint, FixedPoint][] = [[x, y]];
  if (y.rest) pairs.push([x, y.rest]);
  if (x.rest) pairs.push([x.rest, y]);
  return summed(
    x,
    pairs.map(([a, b]) => product(a, b)),
    magnitude,
  );
}

/** f(x, w) of a secret and a tensor that one party owns; f(w, x) with the weights on the left. */
export function bilinearOwned(
  x: FixedPoint,
  w: OwnedTensor,
  map: BilinearMap,
  view: (
    context: ValueContext,
    operand: ReturnType<OwnedTensor['operand']>,
  ) => ReturnType<OwnedTensor['operand']>,
  weightsRight = true,
): FixedPoint {
  const { context, engine } = x;
  const { f, shape } = map;
  const magnitude = context.precision.range;
  // Weights of other scales leave no bit to spare.
  const usual = w.scales.length === 1 && w.scales[0] === context.precision.fractionBits;
  const a = usual ? factor(x, w.scales[0], magnitude) : x.narrow();
  const terms = w.scales.map((scale, index): [Product, number] => {
    const X = view(context, engine.prepareToward(a.share, w.owner));
    const W = view(context, w.operand(index));
    return [
      new Product(engine, shape, [X, W], (bits) =>
        engine.bilinearPrivate(f, X, W, weightsRight, shape, bits),
      ),
      a.scale + scale,
    ];
  });
  return summed(x, terms, magnitude);
}

/** f(x, y) for public words y: every party applies it to its own share. */
export function bilinearPublic(
  x: FixedPoint,
  y: PlainTensor,
  { f, shape, grows }: BilinearMap,
  enough: (rest: (index: number) => number) => boolean,
): FixedPoint {
  const { context, engine } = x;
  const { precision } = context;
  const a = x.narrow(SPARE_BITS);
  const magnitude = precision.bounded(x.magnitude + magnitudeOf(y.data) + grows);
  const terms = precision
    .terms(y.data, a.scale, x.magnitude + grows, enough)
    .map(({ values, scale }: ConstantTerm): [ReturnType<typeof engine.add>, number] => [
      engine.applyPublic(f, a.share, engine.ring.encode(values, scale), shape),
      a.scale + scale,
    ]);
  return summed(x, terms, magnitude);
}

/** The sum of terms with their scales as one value. */
export function summed(
  x: FixedPoint,
  terms: readonly (readonly [Term['value'], number])[],
  magnitude: number,
): FixedPoint {
  const [[value, scale], ...more] = terms;
  if (more.length === 0) return x.with(value, { scale, magnitude });
  const sum = new SumOfTerms(
    x.engine,
    terms.map(([term, own]) => ({ value: term, scale: own })),
  );
  return x.with(sum, { scale, magnitude });
}
