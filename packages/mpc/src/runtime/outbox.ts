/**
 * The round scheduler: collects what operations want to send and hands it to the communicator in one frame a peer when
 * the current turn of the event loop is over, so independent operations share a round.
 */
import { CommClosedError, type Communicator, type Entry } from '@tacit/comm';
import { afterThisTurn } from './next-turn.js';
import { remembered } from './remembered.js';

/**
 * A payload of this size leaves at once, with what was queued before it: sharing a frame saves it nothing, and whoever
 * queued it may go on computing for long before the turn is over.
 */
const URGENT_BYTES = 32 * 1024;

export class Outbox {
  readonly #comm: Communicator;
  readonly #pending = new Map<number, Entry[]>();
  readonly #beforeFrame: (to: number) => Entry | undefined;
  #scheduled = false;

  /** @param beforeFrame an entry to put first in each frame to a peer (the transcript), if any */
  constructor(comm: Communicator, beforeFrame: (to: number) => Entry | undefined) {
    this.#comm = comm;
    this.#beforeFrame = beforeFrame;
  }

  /** Queues a payload; ownership moves. */
  put(to: number, key: string, payload: Uint8Array): void {
    remembered(this.#pending, to, () => []).push({ key, payload });
    if (payload.byteLength >= URGENT_BYTES) {
      this.flush();
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    afterThisTurn(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Sends everything queued, now. */
  flush(): void {
    if (this.#pending.size === 0) return;
    const frames = [...this.#pending];
    this.#pending.clear();
    for (const [to, entries] of frames) {
      const first = this.#beforeFrame(to);
      try {
        this.#comm.sendBatch(to, first ? [first, ...entries] : entries);
      } catch (error) {
        // The computation has ended; whoever waits for its operations gets the reason there.
        if (error instanceof CommClosedError || this.#comm.aborted.aborted) return;
        this.#comm.abort(error as Error);
        return;
      }
    }
  }
}
