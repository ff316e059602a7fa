/**
 * The sine gate where it works: a turn of the angle must fit the window, and truncations may round. Elsewhere tanh and
 * the sigmoid take the spline gate.
 */
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import type { SineTable } from '../sines/table.js';
import { sineSum, turnFits } from './sine-sum.js';

/** table(x) with `bits` fraction bits for an x with `scale` of them, 1 more with fromZero; undefined where the sine gate does not work. */
export function sineFunction(
  session: Session,
  x: Share,
  scale: number,
  table: SineTable,
  bits: number,
  fromZero: boolean,
): Share | undefined {
  const { window, truncation } = session.config;
  if (truncation === 'exact' || !turnFits(table, scale, window)) return undefined;
  return sineSum(session, x, table, { scale, height: bits, fromZero });
}
