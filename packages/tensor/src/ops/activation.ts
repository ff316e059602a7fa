/** Functions of one tensor, elementwise, that are piecewise polynomials: one opening serves all their thresholds. */
import {
  clip as clipShare,
  mulScalar,
  relu as reluShare,
  sigmoid as sigmoidShare,
  signum,
  sub as subShares,
  tanh as tanhShare,
} from '@tacit/mpc';
import { CrypTensor } from '../cryptensor.js';
import { atScale } from './arithmetic.js';

/**
 * 1 / (1 + exp(-x)), at most 2e-4 off for every x, exactly 0 or 1 for |x| > 11. A product is truncated in the same
 * rounds. Rounds: 2 and the levels of the comparison tree (by default 3 for few elements, else 4).
 */
export const sigmoid = (x: CrypTensor): CrypTensor =>
  new CrypTensor(x.session, sigmoidShare(x.session, x.share, x.scale), x.session.config.fractionBits);

/** tanh(x), at most 1.9e-4 off for every x, exactly -1 or 1 for |x| > 5.5. Rounds as sigmoid. */
export const tanh = (x: CrypTensor): CrypTensor =>
  new CrypTensor(x.session, tanhShare(x.session, x.share, x.scale), x.session.config.fractionBits);

/** |x|, exact: 2 ReLU(x) - x, in the rounds of a ReLU. */
export function abs(x: CrypTensor): CrypTensor {
  const { session, share } = x;
  const twice = mulScalar(session, reluShare(session, share), 2n);
  return new CrypTensor(session, subShares(session, twice, share), x.scale);
}

/** -1, 0 or 1, exact. Rounds of a ReLU. */
export const sign = (x: CrypTensor): CrypTensor => new CrypTensor(x.session, signum(x.session, x.share), 0);

/**
 * x bounded by min and max (either may be left out), exact; a product is truncated in the same rounds. Rounds of a ReLU.
 * A bound that lies outside of what the window holds bounds nothing. Throws a RangeError where min > max.
 */
export function clip(x: CrypTensor, min?: number, max?: number): CrypTensor {
  const { session } = x;
  const { fractionBits, window, truncation } = session.config;
  if (Number.isNaN(min) || Number.isNaN(max)) throw new RangeError(`clip: bounds ${min} and ${max}`);
  if (min !== undefined && max !== undefined && min > max)
    throw new RangeError(`clip: the lower bound ${min} is above the upper bound ${max}`);
  if (x.scale < fractionBits) return clip(atScale(x, fractionBits), min, max);
  const drop = x.scale - fractionBits;
  if (drop > 0 && truncation === 'exact') return clip(x.workingPrecision(0), min, max);
  const largest = 2 ** (window - 2 - x.scale);
  const encoded = (v: number): bigint => BigInt.asIntN(64, session.ring.encode([v], fractionBits)[0]);
  if ((min ?? -Infinity) >= largest || (max ?? Infinity) <= -largest)
    throw new RangeError(`clip: no value of the window of ${window} bits lies between ${min} and ${max}`);
  const low = min !== undefined && min > -largest ? encoded(min) : undefined;
  const high = max !== undefined && max < largest ? encoded(max) : undefined;
  if (low === undefined && high === undefined) return x;
  return new CrypTensor(session, clipShare(session, x.share, { low, high, drop }), fractionBits);
}
