/** Counters of a party between points that all parties have come to. */
import type { LaunchedParty } from '../launched-party.js';
import type { Traffic } from './messages.js';

/** Counts from one point of a training to the next. */
export class TrafficMeter {
  readonly #party: LaunchedParty;
  /** Weights carry the messages that led to them from one step to the next. */
  #rounds = 0;

  /** @param party this party */
  constructor(party: LaunchedParty) {
    this.#party = party;
  }

  /**
   * Waits until every party has come here: one round.
   * @returns what was sent since the last time. Between threads, used buffers travel back to the dealer for reuse; that is
   * no message
   */
  async next(): Promise<Traffic> {
    const { stats, worldSize } = this.#party;
    await Promise.all(Array.from({ length: worldSize }, (_, src) => this.#party.announce(true, { src })));
    const { peers, rounds } = stats.snapshot();
    stats.reset();
    const before = this.#rounds;
    this.#rounds = Math.max(rounds, before);
    return {
      rounds: this.#rounds - before,
      bytesSent: peers.slice(0, worldSize).reduce((sum, { bytesSent }) => sum + bytesSent, 0),
      dealerBytes: peers[worldSize]?.bytesReceived ?? 0,
    };
  }
}
