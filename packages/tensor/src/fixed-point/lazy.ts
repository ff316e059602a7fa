/**
 * A value that has not been issued yet. What follows decides how: a ReLU or a sum takes it as it is, anything that needs
 * working precision takes it truncated, in the same round. The choice follows from the program alone, so all parties make
 * the same one.
 */
import type { Secret } from '@tacit/mpc';

export interface Lazy {
  readonly shape: readonly number[];
  /** Rounds on the longest chain that leads here, as the value is now: asking issues nothing. */
  readonly depth: number;
  /** The value at its full scale. */
  raw(): Secret;
  /** The value less `bits` fraction bits; a handle of the caller's. */
  truncated(bits: number): Secret;
  /** One handle more to the value, which `dispose` takes away again. */
  held(): this;
  dispose(): void;
}
