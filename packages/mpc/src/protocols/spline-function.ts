/**
 * A tabulated function of a fixed-point number: the spline gate at the table's precision, then one truncation to the
 * working precision. What x has beyond the table's fraction bits (a product does) is dropped in the gate's own rounds.
 *
 * Rounds 3 + levels of the tree; error: the table's, plus one unit of x times the slope, plus one unit of the result.
 * Where the function saturates the result is exact. Domain |x| < 2^(window-2).
 */
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { type SplineTable, tableAtScale } from '../spline/table.js';
import { piecewise } from './spline.js';
import { truncate } from './truncate.js';

/** Window of the last truncation: values have totalBits fraction bits, whatever the session's window is. */
const FULL = 64;

/** table(x) with the session's fraction bits, for an x with `scale` of them. */
export function splineFunction(session: Session, x: Share, scale: number, table: SplineTable): Share {
  const { fractionBits, truncation } = session.config;
  const excess = scale - table.xBits;
  const exact = truncation === 'exact' && excess > 0;
  const input = exact ? truncate(session, x, excess) : x;
  const y = piecewise(session, input, tableAtScale(table, exact ? table.xBits : scale));
  const result = truncate(session, y, table.totalBits - fractionBits, FULL);
  if (exact) input.dispose();
  y.dispose();
  return result;
}
