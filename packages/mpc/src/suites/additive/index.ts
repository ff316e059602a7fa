/** The additive suite as a choice: additive shares mod 2^64, correlated randomness from a source of its own. */
import { liveDealer } from '../../randomness/live-dealer.js';
import { LiveSession } from '../../runtime/live-session.js';
import type { RandomnessSource } from '../../runtime/randomness.js';
import type { Suite } from '../../suite.js';
import { AdditiveEngine } from './engine.js';

export interface AdditiveOptions {
  /** Where correlated randomness comes from, the same at all parties. Default: a dealer of its own, `liveDealer()`. */
  readonly randomness?: RandomnessSource;
}

/**
 * Additive sharing between 2 to 64 parties, of which all but one may collude (with each other, not with the dealer).
 * @param options where correlated randomness comes from
 * @returns the suite, for `openSession`
 * @example
 * const engine = await openSession({ comm, ring, suite: additive({ randomness: liveDealer() }) });
 */
export const additive = ({
  randomness = liveDealer(),
}: AdditiveOptions = {}): Suite<AdditiveEngine<LiveSession>> => ({
  name: 'additive',
  open: async (member) => new AdditiveEngine(await LiveSession.open({ ...member, randomness })),
});
