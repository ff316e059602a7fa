/**
 * tanh(x) by the spline gate: 9 thresholds, cubic pieces up to |x| = 4.76, beyond them exactly -1 or 1 (coefficients
 * by scripts/fit-splines.mjs).
 *
 * Largest error at 16 fraction bits: 2^-12.3 (1.9e-4), roundings included; any x of the window. Rounds 3 + levels of
 * the tree (BT-4: 5). Bytes an element, BT-4, l = 64: 54, 62 from product scale; dealer 457, or 473.
 */
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { tanhTable } from '../spline/generated/tanh.js';
import { splineFunction } from './spline-function.js';

/** tanh of x with `scale` fraction bits (default the session's), with the session's fraction bits. */
export const tanh = (session: Session, x: Share, scale: number = session.config.fractionBits): Share =>
  splineFunction(session, x, scale, tanhTable);
