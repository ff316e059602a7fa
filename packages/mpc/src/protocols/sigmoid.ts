/**
 * sigmoid(x) = 1 / (1 + exp(-x)) by the spline gate: 8 thresholds, cubic pieces up to |x| = 8.4, beyond them exactly 0
 * or 1 (coefficients by scripts/fit-splines.mjs).
 *
 * Largest error at 16 fraction bits: 2^-12.3 (2e-4), roundings included; any x of the window. Rounds 3 + levels of the
 * tree (BT-4: 5). Bytes an element, BT-4, l = 64: 50, 58 from product scale; dealer 405, or 421.
 */
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { sigmoidTable } from '../spline/generated/sigmoid.js';
import { splineFunction } from './spline-function.js';

/** sigmoid of x with `scale` fraction bits (default the session's), with the session's fraction bits. */
export const sigmoid = (session: Session, x: Share, scale: number = session.config.fractionBits): Share =>
  splineFunction(session, x, scale, sigmoidTable);
