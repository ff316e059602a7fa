/**
 * The dealer: turns operation descriptors into corrections for the last party, in order, ahead of use. It knows every
 * party's seed and sees no message of the computation. It stays at most `windowBytes` ahead of what was used.
 */
import { type Communicator, ProtocolViolationError } from '@tacit/comm';
import { type Ring, WordsPool } from '@tacit/ring';
import type { ProtocolConfig } from '../runtime/config.js';
import { DealerRequestError, OperationError } from '../runtime/errors.js';
import { FramePool } from '../runtime/frame-pool.js';
import { DealtStreams, descriptorDigest, type OpId, opKey, Prg } from '../runtime/prg.js';
import { nextTurn } from '../runtime/ticks.js';
import { DealerOp } from './dealer-op.js';
import { type DealerLimits, defaultLimits } from './limits.js';
import { MaskCache } from './mask-cache.js';
import { readDescriptor } from './registry.js';
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
  /** What a request may cost. */
  readonly limits?: Partial<DealerLimits>;
}

interface Request {
  readonly id: OpId;
  readonly text: string;
}

export class DealerEngine {
  readonly #options: DealerEngineOptions;
  readonly #streams: readonly Prg[];
  /** Of all parties but the last, which gets the corrections. */
  readonly #dealtStreams: readonly DealtStreams[];
  readonly #queue: Request[] = [];
  readonly #window: number;
  readonly #limits: DealerLimits;
  /** The last index dealt for, by scope: a mask that is dealt for twice would tell the difference. */
  readonly #dealt = new Map<number, number>();
  readonly #masks = new MaskCache();
  readonly #frames = new FramePool();
  readonly #pool: WordsPool;
  #outstanding = 0;
  #running = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  #work: Promise<void> = Promise.resolve();
  /** Operations and bytes dealt so far. */
  readonly stats = { operations: 0, bytes: 0, ms: 0 };

  constructor(options: DealerEngineOptions) {
    this.#options = options;
    this.#pool = new WordsPool({ ring: options.ring, maxBytes: 64 * 2 ** 20 });
    this.#streams = options.seeds.map(
      (s) => new Prg(options.ring, s, 'correlated', options.config.prgRounds),
    );
    this.#dealtStreams = options.seeds
      .slice(0, -1)
      .map((s) => new DealtStreams(options.ring, s, options.config.prgRounds));
    this.#window = options.windowBytes ?? 32 << 20;
    this.#limits = { ...defaultLimits, ...options.limits };
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

  /** Queues an operation. Throws DealerRequestError where its number was used before, or too many wait. */
  request(id: OpId, text: string): void {
    const last = this.#dealt.get(id.scope) ?? -1;
    if (id.index <= last)
      throw new DealerRequestError(`operation ${opKey(id)} comes after operation ${last} of its scope`);
    if (this.#queue.length >= this.#limits.maxWaiting)
      throw new DealerRequestError(`${this.#queue.length} requests are waiting, more are not taken`);
    this.#dealt.set(id.scope, id.index);
    this.#queue.push({ id, text });
    if (this.#running) return;
    this.#running = true;
    this.#work = this.#dealAll().catch((error) => this.#options.fail(error));
  }

  /** The last party has used so many bytes. Throws ProtocolViolationError where it never got so many. */
  used(bytes: number): void {
    if (bytes > this.#outstanding)
      throw new ProtocolViolationError(`it used ${bytes} bytes of the ${this.#outstanding} that it was sent`);
    this.#outstanding -= bytes;
    this.#wake?.();
  }

  /** Resolves when nothing waits; does not reject. */
  async idle(): Promise<void> {
    await this.#work;
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async #dealAll(): Promise<void> {
    await nextTurn();
    for (let next = this.#queue.shift(); next && !this.#stopped; next = this.#queue.shift())
      await this.#deal(next);
    this.#running = false;
  }

  async #deal({ id, text }: Request): Promise<void> {
    const { ring, config } = this.#options;
    const { descriptor, half, layout } = readDescriptor(text, this.#streams.length, config, this.#limits);
    const size = half.elementwise ? config.chunk : Number.POSITIVE_INFINITY;
    this.stats.operations++;
    const digest = descriptorDigest(text);
    const dealtStreams = this.#dealtStreams.map((streams) => streams.of(digest));
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
        dealtStreams,
        id,
        chunk,
        layout,
        new BigUint64Array(payload.buffer),
        this.#pool,
        this.#masks,
      );
      try {
        half.deal(op, descriptor, config);
      } catch (error) {
        throw new OperationError(`dealing for '${descriptor.kind}' (operation ${opKey(id)})`, error as Error);
      }
      this.stats.ms += performance.now() - began;
      this.stats.bytes += bytes;
      this.#outstanding += bytes;
      const key = chunk.index === undefined ? opKey(id) : `${opKey(id)}.${chunk.index}`;
      this.#options.send(CORRECTION + key, payload);
      await nextTurn();
    }
  }
}
