/**
 * The dealer: turns operation descriptors into corrections for the last party, in order, ahead of use. It knows every
 * party's seed and sees no message of the computation. It stays at most `windowBytes` ahead of what was used.
 */
import { type Communicator, ProtocolViolationError } from '@tacit/comm';
import { type Ring, WordsPool } from '@tacit/ring';
import { type DealerLimits, defaultLimits } from '../definition/dealer-limits.js';
import { DealerOp } from '../definition/dealer-op.js';
import { MaskCache } from '../definition/mask-cache.js';
import type { ProtocolConfig } from '../runtime/config.js';
import { DealerRequestError, OperationError } from '../runtime/errors.js';
import { FramePool } from '../runtime/frame-pool.js';
import { nextTurn } from '../runtime/next-turn.js';
import { DealtStreams, type OpId, opKey, Prg } from '../runtime/prg.js';
import { ACK, CORRECTION, decodeAck, decodeRequest, RECYCLE, REPORT_BYTES, REQUEST } from './messages.js';
import { type ReadRequest, readDescriptor } from './read-request.js';

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

/** A checked request. */
interface Request extends ReadRequest {
  readonly id: OpId;
  readonly text: string;
  readonly bytes: number;
}

/** Scopes whose numbers are remembered. */
const REMEMBERED_SCOPES = 1024;

export class DealerEngine {
  readonly #options: DealerEngineOptions;
  readonly #streams: readonly Prg[];
  /** Of all parties but the last, which gets the corrections. */
  readonly #dealtStreams: readonly DealtStreams[];
  readonly #queue: Request[] = [];
  readonly #window: number;
  readonly #limits: DealerLimits;
  /**
   * The last index dealt for, by scope, of the scopes used last. A number that comes again is a fault of the program; it
   * would tell nothing, since dealt streams are bound to the descriptor: the same request has the same answer, another
   * one is masked by another stream.
   */
  readonly #dealt = new Map<string, number>();
  readonly #masks = new MaskCache();
  readonly #frames: FramePool;
  readonly #pool: WordsPool;
  #outstanding = 0;
  #waitingBytes = 0;
  #running = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  #work: Promise<void> = Promise.resolve();
  /** Operations and bytes dealt so far. */
  readonly stats = { operations: 0, bytes: 0, ms: 0 };

  constructor(options: DealerEngineOptions) {
    this.#options = options;
    this.#pool = new WordsPool({ ring: options.ring, maxBytes: 64 * 2 ** 20 });
    this.#streams = options.seeds.map((s) =>
      Prg.fromSeed(options.ring, s, 'correlated', options.config.prgRounds),
    );
    this.#dealtStreams = options.seeds
      .slice(0, -1)
      .map((s) => new DealtStreams(options.ring, s, options.config.prgRounds));
    this.#window = options.windowBytes ?? 32 << 20;
    // More than that is never on its way.
    this.#frames = new FramePool(this.#window);
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
    comm.onKey(last, RECYCLE, (payload) => this.recycle(payload));
    comm.onKey(last, ACK, (payload) => {
      try {
        this.used(decodeAck(payload));
      } catch (error) {
        this.#options.fail(error as Error);
      }
    });
  }

  /** What waits, and how many scopes are remembered. */
  get load(): { readonly requests: number; readonly bytes: number; readonly scopes: number } {
    return { requests: this.#queue.length, bytes: this.#waitingBytes, scopes: this.#dealt.size };
  }

  /** As request, but ends the computation where that throws. */
  submit(id: OpId, text: string): void {
    try {
      this.request(id, text);
    } catch (error) {
      this.#options.fail(error as Error);
    }
  }

  /**
   * Checks an operation and queues it.
   * @throws DealerRequestError where it makes no sense, its number was used before, or too many wait
   */
  request(id: OpId, text: string): void {
    const last = this.#dealt.get(id.scope) ?? -1;
    if (id.index <= last)
      throw new DealerRequestError(`operation ${opKey(id)} comes after operation ${last} of its scope`);
    const { maxWaiting, maxWaitingBytes } = this.#limits;
    const bytes = text.length;
    if (this.#queue.length >= maxWaiting || this.#waitingBytes + bytes > maxWaitingBytes)
      throw new DealerRequestError(
        `${this.#queue.length} requests of ${this.#waitingBytes} bytes are waiting, more are not taken`,
      );
    const read = readDescriptor(text, this.#streams.length, this.#options.config.chunk, this.#limits);
    this.#remember(id);
    this.#queue.push({ ...read, id, text, bytes });
    this.#waitingBytes += bytes;
    if (this.#running) return;
    this.#running = true;
    this.#work = this.#dealAll().catch((error) => this.#options.fail(error));
  }

  #remember({ scope, index }: OpId): void {
    this.#dealt.delete(scope);
    this.#dealt.set(scope, index); // used last: at the end
    if (this.#dealt.size <= REMEMBERED_SCOPES) return;
    for (const oldest of this.#dealt.keys()) {
      this.#dealt.delete(oldest);
      return;
    }
  }

  /** Corrections that were sent have done their work: their buffer may be used again. */
  recycle(corrections: Uint8Array): void {
    this.#frames.give(corrections);
  }

  /** The last party has used that many bytes. @throws ProtocolViolationError where it never got as many */
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
    for (let next = this.#queue.shift(); next && !this.#stopped; next = this.#queue.shift()) {
      this.#waitingBytes -= next.bytes;
      await this.#deal(next);
    }
    this.#running = false;
  }

  async #deal({ id, text, kind, n: total, half }: Request): Promise<void> {
    const { ring, config } = this.#options;
    const size = half.elementwise ? config.chunk : Number.POSITIVE_INFINITY;
    this.stats.operations++;
    const dealtStreams = this.#dealtStreams.map((streams) => streams.of(text, id));
    for (let start = 0, index = 0; start < total; start += size, index++) {
      const n = Math.min(size, total - start);
      const bytes = half.layout.correctionWords(n) * 8;
      while (this.#outstanding > REPORT_BYTES && this.#outstanding + bytes > this.#window && !this.#stopped)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      if (this.#stopped) return;
      const began = performance.now();
      const chunk = { index: total > size ? index : undefined, start, n };
      const payload = this.#frames.take(bytes);
      const op = new DealerOp(
        ring,
        this.#streams,
        dealtStreams,
        id,
        chunk,
        half.layout,
        new BigUint64Array(payload.buffer),
        this.#pool,
        this.#masks,
      );
      try {
        half.deal(op);
      } catch (error) {
        throw new OperationError(`dealing for '${kind}' (operation ${opKey(id)})`, error as Error);
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
