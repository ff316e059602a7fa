/**
 * The sign of x as -1, 0 or 1 at scale 0, by the spline gate with constant pieces and thresholds 0 and 1: both
 * comparisons share one opening. Exact for |x| < 2^(window-1) - 1. Rounds 2 + levels of the tree; bytes an element, BT-4,
 * l = 64: 16.5; dealer 16 beside the trees.
 */
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { Piecewise } from '../spline/table.js';
import { piecewise } from './spline.js';

const table = new Piecewise('sign', [0n, 1n], [[-1n], [0n], [1n]]);

/** -1, 0 or 1 at scale 0. */
export const signum = (session: Session, x: Share): Share => piecewise(session, x, table);
