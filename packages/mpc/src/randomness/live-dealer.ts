/**
 * A dealer of its own, the member of the group after the computing parties (dealer/serve.ts), asked while the computation
 * runs: the last party sends it the descriptor of each operation with dealt fields, and corrections come ahead of use.
 */
import { encodeRequest, REQUEST } from '../dealer/messages.js';
import type { RandomnessSource } from '../runtime/randomness.js';
import { receiveSeed } from '../runtime/seeds.js';
import { CorrectionsInbox } from './corrections-inbox.js';

/** Operations on this many elements are told to the dealer at once. */
const LONG = 2 ** 15;

/** Correlated randomness from the member with rank `parties`. */
export const liveDealer = (): RandomnessSource => ({
  name: 'separate',
  members: 1,
  async open({ comm, parties, frames }) {
    const dealer = parties;
    const inbox = new CorrectionsInbox(comm, frames, dealer);
    const asks = comm.rank === parties - 1;
    return {
      seed: await receiveSeed(comm, dealer),
      announce({ id, descriptor, elements }, queue) {
        if (!asks) return;
        queue.put(dealer, REQUEST, encodeRequest(id, descriptor));
        // The dealer has the longest way; it must not wait until this party has made its first messages.
        if (elements >= LONG) queue.flush();
      },
      take: (key, bytes) => inbox.take(key, bytes),
      used: (corrections) => inbox.used(corrections),
    };
  },
});
