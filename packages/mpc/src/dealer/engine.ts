/**
 * The dealer: turns operation descriptors into corrections for the last party, in order, ahead of use. It knows every
 * party's seed and sees no message of the computation. It stays at most `windowBytes` ahead of what was used.
 */
import type { Communicator } from '@tacit/comm';
import { type Ring, WordsPool } from '@tacit/ring';
import type { ProtocolConfig } from '../runtime/config.js';
import { FramePool } from '../runtime/frame-pool.js';
import { type OpId, opKey, Prg } from '../runtime/prg.js';
import { nextTurn } from '../runtime/ticks.js';
import { DealerOp } from './dealer-op.js';
import { dealerHalf } from './registry.js';
import { ACK, CORRECTION, decodeAck, decodeRequest, RECYCLE, REPORT_BYTES, REQUEST } from './request.js';

export interface DealerEngineOptions {
  readonly ring: Ring;
  /** Each party's seed, by rank. */
  readonly seeds: readonly Uint8Array[];
  readonly config: ProtocolConfig;
  /** Sends corrections to the last party; the payload's ownership moves. */
  readonly send: (key: string, payload: Uint8Array) => void;
  readonly fail: (error: Error) => void;
  /** Bytes of corrections that may be on their way or waiting at the last party. Default 32 MiB. */
  readonly windowBytes?: number;
}

interface Request {
  readonly id: OpId;
  readonly text: string;
}

export class DealerEngine {
  readonly #options: DealerEngineOptions;
  readonly #streams: readonly Prg[];
  readonly #queue: Request[] = [];
  readonly #window: number;
  readonly #frames = new FramePool();
  readonly #pool = new WordsPool(64 * 2 ** 20);
  #outstanding = 0;
  #running = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  /** Operations and bytes dealt so far. */
  readonly stats = { operations: 0, bytes: 0, ms: 0 };

  constructor(options: DealerEngineOptions) {
    this.#options = options;
    this.#streams = options.seeds.map(
      (s) => new Prg(options.ring, s, 'correlated', options.config.prgRounds),
    );
    this.#window = options.windowBytes ?? 32 << 20;
  }

  /** Takes requests and reports from the last party's frames. */
  listen(comm: Communicator, last: number): void {
    comm.onKey(last, REQUEST, (payload) => {
      try {
        const { id, text } = decodeRequest(payload);
        this.request(id, text);
      } catch (error) {
        this.#options.fail(error as Error);
      }
    });
    comm.onKey(last, RECYCLE, (payload) => this.#frames.give(payload));
    comm.onKey(last, ACK, (payload) => {
      try {
        this.used(decodeAck(payload));
      } catch (error) {
        this.#options.fail(error as Error);
      }
    });
  }

  /** Queues an operation. */
  request(id: OpId, text: string): void {
    this.#queue.push({ id, text });
    if (this.#running) return;
    this.#running = true;
    this.#work().catch((error) => this.#options.fail(error));
  }

  /** The last party has used so many bytes. */
  used(bytes: number): void {
    this.#outstanding -= bytes;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async #work(): Promise<void> {
    await nextTurn();
    for (let next = this.#queue.shift(); next && !this.#stopped; next = this.#queue.shift())
      await this.#deal(next);
    this.#running = false;
  }

  async #deal({ id, text }: Request): Promise<void> {
    const { descriptor, half, layout } = dealerHalf(text, this.#options.config);
    const { ring, config } = this.#options;
    const size = half.elementwise ? config.chunk : Number.POSITIVE_INFINITY;
    this.stats.operations++;
    for (let start = 0, index = 0; start < descriptor.n; start += size, index++) {
      const n = Math.min(size, descriptor.n - start);
      const bytes = layout.correctionWords(n) * 8;
      while (this.#outstanding > REPORT_BYTES && this.#outstanding + bytes > this.#window && !this.#stopped)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      if (this.#stopped) return;
      const began = performance.now();
      const chunk = { index: descriptor.n > size ? index : undefined, start, n };
      const payload = this.#frames.take(bytes);
      const op = new DealerOp(
        ring,
        this.#streams,
        id,
        chunk,
        layout,
        new BigUint64Array(payload.buffer),
        this.#pool,
      );
      half.deal(op, descriptor, config);
      this.stats.ms += performance.now() - began;
      this.stats.bytes += bytes;
      this.#outstanding += bytes;
      const key = chunk.index === undefined ? opKey(id) : `${opKey(id)}.${chunk.index}`;
      this.#options.send(CORRECTION + key, payload);
      await nextTurn();
    }
  }
}
