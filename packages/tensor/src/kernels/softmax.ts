/** Softmax in private: the sum of powers is known to lie between 1 and the width, so its division is cheap. */
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { sub } from './addition.js';
import { onSecrets, type PrivateKernel } from './kernel.js';
import { exp } from './non-linear.js';
import { reduceMax, reduceSum } from './reductions.js';

export const softmax: PrivateKernel<'Softmax'> = onSecrets<'Softmax'>(([x], { axis }) => {
  const { context, shape, engine } = x;
  const { fractionBits } = context.precision;
  const along = { axes: [axis], keepDims: true };
  const kept = shape.map((d, i) => (i === axis ? 1 : d));
  const one = <T>([made]: readonly T[]): FixedPoint => made as FixedPoint;
  const width = shape[axis];
  if (width === 0 || x.share.size === 0) return x;
  const top = one(reduceMax(context, [x], along, [kept]));
  const power = one(exp(context, [one(sub(context, [x, top], {}, [shape]))], {}, [shape]));
  // At most 1 each.
  const powers = power.with(power.share.reshaped(shape), { magnitude: 0 });
  const sum = one(reduceSum(context, [powers], along, [kept]));
  const result = engine.quotient(powers.share, sum.share, {
    low: 0,
    // The powers may be a few units above 1, so their sum a little above the width.
    high: Math.floor(Math.log2(width)) + 2,
    signed: false,
    dividendBits: 1,
  });
  return x.with(result, { scale: fractionBits, magnitude: 0 });
});
