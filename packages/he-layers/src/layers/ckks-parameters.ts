/** What CKKS layers are set up with, on both sides. */
import type { CkksParameters } from '@tacit/he/backend';

/** All primes must be below 2^30: that is what the evaluator works with. */
export interface CkksLayerParameters extends CkksParameters {
  /** What values are multiplied by, when they are encrypted and after each affine layer. */
  readonly scale: number;
}
