/**
 * The last party's side of the dealer: corrections arrive ahead of use, keyed by operation; what has been used is
 * reported back, so that the dealer stays a bounded number of bytes ahead.
 */
import type { Communicator, Entry } from '@tacit/comm';
import { ProtocolViolationError } from '@tacit/comm';
import { ACK, CORRECTION, encodeAck, RECYCLE, REPORT_BYTES } from '../dealer/messages.js';
import type { FramePool } from '../runtime/frame-pool.js';

/**
 * A party that waits for the dealer gives up a little before those that wait for what it would send next, so that the
 * error that names the dealer comes first.
 */
const PATIENCE = 0.9;

export class CorrectionsInbox {
  readonly #comm: Communicator;
  readonly #frames: FramePool;
  readonly #from: number;
  #unreported = 0;
  /** Buffers to hand back with the next report. */
  #spent: Entry[] = [];

  constructor(comm: Communicator, frames: FramePool, from: number) {
    this.#comm = comm;
    this.#frames = frames;
    this.#from = from;
  }

  async take(key: string, bytes: number): Promise<Uint8Array> {
    const timeoutMs = this.#comm.timeoutMs * PATIENCE;
    const payload = await this.#comm.receive(this.#from, CORRECTION + key, { timeoutMs });
    if (payload.length !== bytes)
      throw new ProtocolViolationError(
        `the dealer sent ${payload.length} bytes for operation ${key}, expected ${bytes}`,
        this.#from,
      );
    return payload;
  }

  used(payload: Uint8Array): void {
    this.#unreported += payload.length;
    if (this.#comm.movesBuffers) this.#spent.push({ key: RECYCLE, payload });
    else this.#frames.give(payload);
    if (this.#unreported < REPORT_BYTES) return;
    this.#comm.sendBatch(this.#from, [{ key: ACK, payload: encodeAck(this.#unreported) }, ...this.#spent]);
    this.#spent = [];
    this.#unreported = 0;
  }
}
