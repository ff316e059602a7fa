// When two scales count as equal.
import { RlweScaleError } from './errors.js';

/** Relative difference of scales that is taken for rounding of the bookkeeping. */
const TOLERANCE = 2 ** -20;

export function checkScales(operation: string, left: number, right: number): void {
  if (Math.abs(left - right) > TOLERANCE * Math.max(left, right))
    throw new RlweScaleError(operation, left, right);
}
