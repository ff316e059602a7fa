/**
 * Sums that keep fraction bits. Products have twice the fraction bits of values at rest, and a step of gradient descent is
 * often below a unit in the last place of those: it must not be rounded away before it is added. Values of any size fit at
 * two fraction bits more than a product has, and what has more is truncated to these, not to those at rest.
 */
import { CrypTensor } from '@tacit/tensor';

/** The most fraction bits at which values without a known bound fit. */
const mostBits = ({ context: { precision } }: CrypTensor): number =>
  Math.floor(precision.capacity - precision.range);

/** With at most so many fraction bits: itself, or truncated, in one round. Of weights of two scales the sum. */
function lowered(x: CrypTensor, bits: number): CrypTensor {
  const { value, engine } = x;
  if (value.rest) {
    const [large, small] = [value, value.rest].map(
      (part) => new CrypTensor(part.with(part.share.reshaped(part.shape))),
    );
    return lowered(large, bits).add(lowered(small, bits));
  }
  if (value.scale <= bits) return x;
  return new CrypTensor(value.with(engine.truncate(value.share, value.scale - bits), { scale: bits }));
}

/**
 * The sum of two values with as many fraction bits as fit.
 * @param x secret
 * @param y secret of the same shape
 * @returns x + y, of at most two fraction bits more than products have
 */
export function sumOf(x: CrypTensor, y: CrypTensor): CrypTensor {
  const most = mostBits(x);
  return lowered(x, most).add(lowered(y, most));
}

/**
 * A value times a power of two: its words are read at another scale. No round.
 * @param x secret
 * @param power the power, a whole number
 * @returns x 2^power
 */
export function timesPowerOfTwo(x: CrypTensor, power: number): CrypTensor {
  const { value } = x;
  const { range } = x.context.precision;
  const magnitude = Math.min(range, value.magnitude + power);
  const scale = value.scale - power;
  // A scale below 0 is none.
  const at = scale < 0 ? value.atScale(value.scale - scale) : value;
  return new CrypTensor(value.with(at.share.reshaped(value.shape), { scale: Math.max(0, scale), magnitude }));
}

/**
 * The same value with a bound that is known of it, so that bounds do not grow from step to step.
 * @param x secret
 * @param magnitude |x| <= 2^magnitude
 * @returns a handle of its own
 */
export function knownBelow(x: CrypTensor, magnitude: number): CrypTensor {
  const { value } = x;
  return new CrypTensor(value.with(value.share.reshaped(value.shape), { magnitude }));
}
