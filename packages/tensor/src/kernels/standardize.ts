/**
 * Less the mean and over the standard deviation. What comes out is below the root of the number of elements, whatever went
 * in, so the inverse of the deviation keeps as many bits as the product has room for: the deviation may be large or small.
 */
import type { FixedPoint, ValueContext } from '../fixed-point/fixed-point.js';
import { FINER_BITS, FREE_BITS } from '../fixed-point/precision.js';
import { Product } from '../fixed-point/product.js';
import { broadcast, secretOf } from '../private-value.js';
import { add, sub } from './addition.js';
import { onSecrets } from './kernel.js';
import { overPlain, square } from './multiplication.js';
import { inverseRoot } from './non-linear.js';
import { countAlong, reduceMean, wholeSum } from './reductions.js';

export const standardize = onSecrets<'Standardize'>(([given], { axes, epsilon }, shapes) => {
  const { context } = given;
  const x = given.narrow().withFractions();
  const along = { axes, keepDims: true };
  const count = countAlong(x, axes);
  const power = Math.ceil(Math.log2(count));
  const few = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const number = (v: number) => ({ shape: [], data: Float64Array.of(v) });
  const secret = ([made]: ReturnType<typeof add>): FixedPoint => secretOf(context, made);

  const mean = secret(reduceMean(context, [x], along, [few])).narrow();
  const centred = secret(sub(context, [x, mean], {}, [x.shape]));
  // The variance times count / 2^power, which moves the binary point only. The root is corrected at no cost.
  const part = count / 2 ** power;
  const sum = overPlain(wholeSum(square(centred), axes, true, FREE_BITS), number(2 ** power), few);
  const spread = secret(add(context, [sum, number(epsilon * part)], {}, [few]));
  const { value: inverse, finer } = inverseRoot(spread, finerBits(context, power), Math.sqrt(part));

  const y = times(centred, finer, power / 2);
  if (shapes.length === 1) return y;
  const variance = shapes.length > 3 ? overPlain(sum, number(part), few) : undefined;
  return [y, inverse, mean, ...(variance ? [variance] : [])].slice(0, shapes.length);
});

/** How many more fraction bits the inverse may have for products below 2^(power / 2). */
function finerBits({ engine, precision: { capacity, fractionBits } }: ValueContext, power: number): number {
  const room = capacity - 2 * fractionBits - engine.productExtraBits - Math.ceil(power / 2) - 1;
  return Math.max(0, Math.min(FINER_BITS, fractionBits, room));
}

/** A product whose magnitude is known, though that of its factors is not. */
function times(x: FixedPoint, y: FixedPoint, magnitude: number): FixedPoint {
  const { engine, shape, size } = x;
  const [X, Y] = [engine.prepare(x.share), engine.prepare(broadcast(y, shape).share)];
  const product = new Product(engine, shape, [X, Y], (bits) =>
    engine.bilinear({ op: 'mul', n: size }, X, Y, shape, bits),
  );
  return x.with(product, { scale: x.scale + y.scale + engine.productExtraBits, magnitude });
}
