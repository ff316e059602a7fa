/**
 * sigmoid(x) = 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2 by the sine gate: 6 sines up to |x| = 10, beyond 11 exactly 0 or
 * 1, in between either (coefficients by scripts/fit-sines.mjs). Where the truncation is exact, or x has too many fraction
 * bits for the window, the spline gate: 8 thresholds, cubic pieces up to |x| = 8.4, rounds 3 + levels of the tree.
 *
 * Largest error at 16 fraction bits: 2^-12.7 (1.5e-4), roundings included (spline gate: 2e-4); any x of the window.
 * Rounds 2 + levels of the tree (BT-4: 4). Bytes an element, BT-4, l = 64: 18.25, 16 from product scale; dealer 133.6, or
 * 119.6.
 */
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { sigmoidSines } from '../sines/generated/sigmoid.js';
import { sigmoidTable } from '../spline/generated/sigmoid.js';
import { sineFunction } from './sine-function.js';
import { splineFunction } from './spline-function.js';

/** sigmoid of x with `scale` fraction bits (default the session's), with the session's fraction bits. */
export const sigmoid = (session: Session, x: Share, scale: number = session.config.fractionBits): Share =>
  // x / 2 is x with one fraction bit more, half of the result is the result with one less.
  sineFunction(session, x, scale + 1, sigmoidSines, session.config.fractionBits - 1, true) ??
  splineFunction(session, x, scale, sigmoidTable);
