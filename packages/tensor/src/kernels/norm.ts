/** The root of a sum of squares: right where the sum would leave the range of values, and the root does not. */
import { FREE_BITS } from '../fixed-point/precision.js';
import { onSecrets } from './kernel.js';
import { overPlain, square } from './multiplication.js';
import { forOctaves } from './non-linear.js';
import { countAlong, wholeSum } from './reductions.js';

export const reduceL2 = onSecrets<'ReduceL2'>(([given], { axes, keepDims }, [shape]) => {
  const x = given.narrow().withFractions();
  const { fractionBits, range } = x.context.precision;
  // The sum over 2^power, which moves the binary point only, and its root times 2^(power / 2), which moves it back.
  const power = 2 * Math.ceil(Math.log2(Math.max(1, countAlong(x, axes))) / 2);
  const divisor = { shape: [], data: Float64Array.of(2 ** power) };
  const mean = overPlain(wholeSum(square(x), axes, keepDims, FREE_BITS), divisor, shape);
  const { x: squares, high } = forOctaves(mean);
  const root = x.engine.octaveFunction('sqrt', squares.share, squares.scale, { high, moreBits: power / 2 });
  return x.with(root, { scale: fractionBits, magnitude: range });
});
