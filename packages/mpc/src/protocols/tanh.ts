/**
 * tanh(x) by the sine gate: 7 sines up to |x| = 5, beyond 5.5 exactly -1 or 1, in between either (coefficients by
 * scripts/fit-sines.mjs). Where the truncation is exact, or x has too many fraction bits for the window, the spline
 * gate: 9 thresholds, cubic pieces up to |x| = 4.76, rounds 3 + levels of the tree.
 *
 * Largest error at 16 fraction bits: 2^-12.6 (1.6e-4), roundings included (spline gate: 2e-4); any x of the window.
 * Rounds 2 + levels of the tree (BT-4: 4). Bytes an element, BT-4, l = 64: 18.25, 16 from product scale; dealer 142.6, or
 * 128.6.
 */
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { tanhSines } from '../sines/generated/tanh.js';
import { tanhTable } from '../spline/generated/tanh.js';
import { sineFunction } from './sine-function.js';
import { splineFunction } from './spline-function.js';

/** tanh of x with `scale` fraction bits (default the session's), with the session's fraction bits. */
export const tanh = (session: Session, x: Share, scale: number = session.config.fractionBits): Share =>
  sineFunction(session, x, scale, tanhSines, session.config.fractionBits, false) ??
  splineFunction(session, x, scale, tanhTable);
