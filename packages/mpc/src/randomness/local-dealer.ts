/**
 * One of the parties deals: party 0. It takes no further member and gives no privacy: that party knows all masks and can
 * see every value. For debugging only.
 */
import { DealerEngine } from '../dealer/engine.js';
import { forPeers } from '../runtime/errors.js';
import type { RandomnessContext, RandomnessSource } from '../runtime/randomness.js';
import { dealSeeds, receiveSeed } from '../runtime/seeds.js';
import { warn } from '../runtime/warn.js';
import { CorrectionsInbox } from './corrections-inbox.js';

const DEALS = 0;

/** Correlated randomness made by party 0, which can see everything then. For debugging only. */
export const localDealer = (): RandomnessSource => ({
  name: 'first-party',
  members: 0,
  async open(context) {
    const { comm, frames } = context;
    const inbox = new CorrectionsInbox(comm, frames, DEALS);
    const engine = comm.rank === DEALS ? startDealing(context) : undefined;
    if (engine)
      warn(
        'TACIT_FIRST_PARTY',
        'party 0 deals the randomness and can see everything; that is for debugging only',
      );
    return {
      seed: engine?.seed ?? (await receiveSeed(comm, DEALS)),
      announce: ({ id, descriptor }) => engine?.dealer.submit(id, descriptor),
      take: (key, bytes) => inbox.take(key, bytes),
      used: (corrections) => inbox.used(corrections),
    };
  },
});

function startDealing({ comm, ring, parties, config }: RandomnessContext) {
  const seeds = dealSeeds(comm, parties);
  const last = parties - 1;
  const dealer = new DealerEngine({
    ring,
    seeds,
    config,
    send: (key, payload) => comm.send(last, key, payload),
    fail: (error) => comm.abort(forPeers(comm.rank, 'the computation', error)),
  });
  dealer.listen(comm, last);
  return { dealer, seed: seeds[DEALS] };
}
