/** Softmax in private: the sum of powers is known to lie between 1 and the width, so its division is cheap. */
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { secretOf } from '../private-value.js';
import { sub } from './addition.js';
import { onSecrets, type PrivateKernel } from './kernel.js';
import { exp, log } from './non-linear.js';
import { reduceMax, reduceSum } from './reductions.js';

interface Powers {
  readonly below: FixedPoint;
  /** exp(x - largest), at most 1 each. */
  readonly powers: FixedPoint;
  readonly sum: FixedPoint;
}

function powersOf(x: FixedPoint, axis: number): Powers {
  const { context, shape } = x;
  const along = { axes: [axis], keepDims: true };
  const kept = shape.map((d, i) => (i === axis ? 1 : d));
  const one = <T>([made]: readonly T[]): FixedPoint => made as FixedPoint;
  const top = one(reduceMax(context, [x], along, [kept]));
  const below = one(sub(context, [x, top], {}, [shape]));
  const power = one(exp(context, [below], {}, [shape]));
  const powers = power.with(power.share.reshaped(shape), { magnitude: 0 });
  return { below, powers, sum: one(reduceSum(context, [powers], along, [kept])) };
}

function overSum({ powers, sum }: Powers, width: number): FixedPoint {
  const result = powers.engine.quotient(powers.share, sum.share, {
    low: 0,
    // The powers may be a few units above 1, so their sum a little above the width.
    high: Math.floor(Math.log2(width)) + 2,
    signed: false,
    dividendBits: 1,
  });
  return powers.with(result, { scale: powers.context.precision.fractionBits, magnitude: 0 });
}

export const softmax: PrivateKernel<'Softmax'> = onSecrets<'Softmax'>(([x], { axis }) =>
  x.size === 0 ? x : overSum(powersOf(x, axis), x.shape[axis]),
);

export const logSoftmax: PrivateKernel<'LogSoftmax'> = onSecrets<'LogSoftmax'>(([x], { axis }, shapes) => {
  if (x.size === 0) return shapes.map(() => x);
  const powers = powersOf(x, axis);
  const { context, shape } = x;
  const [logarithm] = log(context, [powers.sum], {}, [powers.sum.shape]);
  const [made] = sub(context, [powers.below, logarithm], {}, [shape]);
  const y = secretOf(context, made);
  return shapes.length > 1 ? [y, overSum(powers, shape[axis])] : y;
});
