/**
 * min(max(x, low), high) by the spline gate: one opening for both bounds, pieces low, x, high. Exact; from product
 * scale the excess bits are dropped in the same rounds, with an error of 0 or 1 unit.
 *
 * Domain |x| < 2^(window-2). Rounds 2 + levels of the tree. Bytes an element, BT-4, l = 64: 8 + 4.25 a bound.
 */
import { checkBounds } from '../checks.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { Piecewise } from '../spline/table.js';
import { piecewise } from './spline.js';

export interface ClipOptions {
  /** Bounds at the scale of the result, that is of x >> drop. At least one. */
  readonly low?: bigint;
  readonly high?: bigint;
  /** Bits of x to drop. Default 0. */
  readonly drop?: number;
}

/** x >> drop, bounded. @throws RangeError without a bound, or where low > high */
export function clip(session: Session, x: Share, { low, high, drop = 0 }: ClipOptions): Share {
  checkBounds(low, high);
  const up = (v: bigint) => v << BigInt(drop);
  const thresholds: bigint[] = [];
  const pieces: bigint[][] = [[0n, 1n]];
  if (low !== undefined) {
    thresholds.push(up(low));
    pieces.unshift([low]);
  }
  if (high !== undefined) {
    thresholds.push(up(high));
    pieces.push([high]);
  }
  return piecewise(session, x, new Piecewise('clip', thresholds, pieces, drop));
}
