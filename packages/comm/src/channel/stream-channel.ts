/**
 * A channel over a stream of bytes of Node.js that keeps what it carries secret and whole: a TLS connection. The end of
 * the stream proves nothing, so a channel ends in order only by a message that says so; anything else is a broken
 * connection. The heartbeat goes from end to end, also through relays.
 *
 * One write is under way at a time. What is sent meanwhile is gathered.
 */
import type { Duplex } from 'node:stream';
import { MAX_FRAME_BYTES } from '../frame/frame.js';
import { Arrivals } from './arrivals.js';
import {
  type Channel,
  type ChannelBinding,
  type ChannelEnd,
  type ChannelListener,
  type ExportKey,
  endOf,
  VIOLATION_CODE,
} from './channel.js';
import type { DirectReads } from './direct-reads.js';
import { Heartbeat, type HeartbeatSettings } from './heartbeat.js';
import { FrameReader, KINDS, type Kind } from './stream-frames.js';
import { WriteQueue } from './write-queue.js';

export interface StreamChannelOptions extends HeartbeatSettings {
  readonly maxPayloadBytes?: number;
  readonly closeTimeoutMs?: number;
  readonly binding?: ChannelBinding | undefined;
  readonly exportKey?: ExportKey | undefined;
  /** The channel that carries the stream, if one does. */
  readonly below?: Channel;
  /** Those of the stream, if it reads into one buffer. */
  readonly reads?: DirectReads | undefined;
  /** Without one: what an unauthenticated peer may send. */
  readonly guard?: StreamGuard;
}

/** A limit until `authenticated` is called. */
export interface StreamGuard {
  /** In bytes of the stream. */
  readonly limit: number;
  /** Called before the channel is destroyed. */
  readonly onExceeded?: () => void;
  /** Called when the limit is lifted. */
  readonly onAuthenticated?: () => void;
}

/** What is allocated for a message that is only announced, once the peer is known. */
const PROMISED_BYTES = 2 ** 22;

export class StreamChannel implements Channel {
  readonly binding: ChannelBinding | undefined;
  readonly exportKey: ExportKey | undefined;
  readonly #stream: Duplex;
  readonly #below: Channel | undefined;
  readonly #arrivals = new Arrivals();
  readonly #reader: FrameReader;
  readonly #heartbeat: Heartbeat;
  readonly #closeTimeoutMs: number;
  readonly #queue = new WriteQueue();
  /** How many bytes the write under way has. */
  #writing = 0;
  #bytesRead = 0;
  #guard: StreamGuard | undefined;
  #pongs = 0;
  #closing = false;
  /** Whether the stream ends once the queue is empty. */
  #authenticated = false;
  #last = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Takes over a stream before its first byte.
   * @param stream whose bytes nobody else can read or change
   * @param options what is known about the peer, and settings
   */
  constructor(stream: Duplex, options: StreamChannelOptions) {
    this.binding = options.binding;
    this.exportKey = options.exportKey;
    this.#stream = stream;
    this.#below = options.below;
    this.#guard = options.guard;
    this.#closeTimeoutMs = options.closeTimeoutMs ?? 30_000;
    this.#reader = new FrameReader(options.maxPayloadBytes ?? MAX_FRAME_BYTES, {
      onMessage: (kind, body) => this.#onMessage(kind, body),
      place: (bytes) => this.#arrivals.place(bytes),
    });
    this.#heartbeat = new Heartbeat(options, {
      ping: () => this.#enqueue(KINDS.ping, EMPTY),
      pong: () => this.#enqueue(KINDS.pong, EMPTY),
      bytesRead: () => this.#bytesRead,
      onSilence: (ms) => this.#fail({ reason: 'unresponsive', code: 1006, detail: `no answer for ${ms} ms` }),
    });
    stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    options.reads?.divert((chunk) => this.#onData(chunk));
    stream.on('end', () => this.#onBreak());
    stream.on('close', () => this.#onBreak());
    stream.on('error', (error: Error & { code?: string }) => this.#onError(error));
    // It may have ended right behind the handshake.
    if (stream.destroyed || stream.readableEnded) setImmediate(() => this.#onBreak());
  }

  get ended(): ChannelEnd | undefined {
    return this.#arrivals.ended;
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#closing || this.ended !== undefined) return;
    if (typeof message === 'string') this.#enqueue(KINDS.text, Buffer.from(message));
    else this.#enqueue(KINDS.bytes, message);
  }

  listen(listener: ChannelListener | undefined): void {
    this.#reader.displace();
    this.#arrivals.listen(listener);
  }

  bufferedBytes(): number {
    return this.#queue.bytes + this.#writing + (this.#below?.bufferedBytes() ?? 0);
  }

  pause(): void {
    if (this.#closing || this.ended !== undefined) return;
    this.#heartbeat.pause();
    this.#stream.pause();
  }

  resume(): void {
    this.#heartbeat.resume();
    this.#stream.resume();
  }

  close(code: number, reason: string): void {
    if (this.#closing || this.ended !== undefined) return;
    this.#closing = true;
    // The answer has to be read.
    this.resume();
    this.#enqueue(KINDS.close, Buffer.from(`${code} ${reason}`));
    this.#timer = setTimeout(() => this.destroy(), this.#closeTimeoutMs);
  }

  destroy(): void {
    this.#fail(endOf(1006, ''));
  }

  bytesRead(): number {
    return this.#bytesRead;
  }

  challenge(ms: number): void {
    if (this.ended === undefined) this.#heartbeat.challenge(ms);
  }

  authenticated(): void {
    this.#authenticated = true;
    this.#reader.promisedBytes = PROMISED_BYTES;
    this.#below?.authenticated?.();
    this.#guard?.onAuthenticated?.();
    this.#guard = undefined;
    if (this.ended === undefined) this.#heartbeat.start();
  }

  #enqueue(kind: Kind, body: Uint8Array): void {
    this.#queue.push(kind, body);
    this.#pump();
  }

  #pump(): void {
    if (this.#writing > 0 || this.#stream.destroyed) return;
    const next = this.#queue.take();
    if (next === undefined) {
      if (this.#last && !this.#stream.writableEnded) this.#stream.end();
      return;
    }
    this.#writing = next.length;
    this.#stream.write(next, (error) => {
      this.#writing = 0;
      if (!error) this.#pump();
    });
  }

  #onData(chunk: Uint8Array): void {
    this.#bytesRead += chunk.length;
    this.#heartbeat.heard();
    if (this.ended !== undefined) return;
    if (this.#guard !== undefined && this.#bytesRead > this.#guard.limit) {
      this.#guard.onExceeded?.();
      const detail = `more than ${this.#guard.limit} bytes before it proved who it is`;
      this.#fail({ ...endOf(1006, ''), detail });
      return;
    }
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#violation(error instanceof Error ? error.message : String(error));
    }
  }

  #onMessage(kind: Kind, body: ArrayBuffer): void {
    if (kind === KINDS.bytes) this.#arrivals.push(body);
    else if (kind === KINDS.text) this.#arrivals.push(decoder.decode(body));
    else if (kind === KINDS.close) this.#onFarewell(decoder.decode(body));
    else if (kind === KINDS.ping && !this.#closing && this.#pongs++ === 0) {
      // Who asks faster than it reads gets one answer.
      this.#enqueue(KINDS.pong, EMPTY);
      setImmediate(() => {
        this.#pongs = 0;
      });
    }
  }

  #onFarewell(text: string): void {
    const [, code, reason] = /^(\d{1,5}) (.*)$/s.exec(text) ?? [];
    if (!this.#closing) this.close(Number(code ?? 1006), reason ?? '');
    this.#endStream();
    this.#finish(endOf(Number(code ?? 1006), reason ?? ''));
  }

  /** Ends the stream in order, and not only if the peer takes part. */
  #endStream(): void {
    this.#reader.stop();
    this.#last = true;
    this.#pump();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stream.destroy(), this.#closeTimeoutMs);
  }

  /** What its key did not make, or what is no message. */
  #violation(detail: string): void {
    if (this.ended !== undefined) return;
    if (!this.#closing) this.close(VIOLATION_CODE, 'violation');
    this.#endStream();
    this.#finish({ reason: 'violation', code: VIOLATION_CODE, detail });
  }

  #onError(error: Error & { code?: string }): void {
    if (error.code?.startsWith('ERR_SSL') || error.code?.startsWith('ERR_OSSL'))
      this.#fail({
        reason: 'violation',
        code: VIOLATION_CODE,
        detail: `a message that was changed or added on the way (${error.code})`,
      });
    else this.#fail({ ...endOf(1006, ''), detail: error.message });
  }

  /** The stream is over, and nobody said that it would be. */
  #onBreak(): void {
    if (this.#stream.destroyed || this.ended === undefined) clearTimeout(this.#timer);
    if (this.ended !== undefined) return;
    const end = this.#below?.ended;
    if (end === undefined) this.#fail(endOf(1006, ''));
    else if (end.reason === 'goodbye')
      this.#fail({ ...endOf(1006, ''), detail: 'a goodbye that was not its own' });
    // A refusal comes below, if the peer does not take part in TLS any more. Afterwards a code is that of somebody on the
    // way, such as a relay that restarts: a break.
    else if (end.reason === 'unresponsive' || !this.#authenticated) this.#fail(end);
    else this.#fail({ ...endOf(1006, ''), detail: end.detail });
  }

  #fail(end: ChannelEnd): void {
    this.#finish(end);
    clearTimeout(this.#timer);
    this.#queue.clear();
    this.#stream.destroy();
    this.#below?.destroy();
  }

  #finish(end: ChannelEnd): void {
    this.#reader.stop();
    this.#heartbeat.stop();
    this.#arrivals.finish(end);
  }
}

const EMPTY = new Uint8Array(0);
const decoder = new TextDecoder();
