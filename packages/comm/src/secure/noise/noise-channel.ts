/**
 * A channel whose messages are encrypted: each is one or more transport messages of Noise (section 3: at most 65,535
 * bytes with the tag), one after the other in one message of the channel below. The first byte of the plaintext says what
 * it is: bytes, text, or the last message, with the code and reason of a close.
 *
 * The close of the channel below is not protected, so a goodbye counts only if the last message has come; otherwise
 * somebody on the way cut the channel, and it ends as a broken one.
 * Cost: 16 bytes for every 65,519, and one byte a message.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { Arrivals } from '../../channel/arrivals.js';
import {
  type Channel,
  type ChannelEnd,
  type ChannelListener,
  type ChannelMessage,
  endOf,
  VIOLATION_CODE,
} from '../../channel/channel.js';
import { TAG_BYTES } from './aead.js';
import { InOrder } from './in-order.js';
import type { Records } from './records.js';

const RECORD_BYTES = 65_535;
const PLAIN_BYTES = RECORD_BYTES - TAG_BYTES;
const BYTES = 0;
const TEXT = 1;
const CLOSE = 2;

const decoder = new TextDecoder();
const ignore = (): void => {};

export class NoiseChannel implements Channel {
  readonly #inner: Channel;
  readonly #sending: Records;
  readonly #receiving: Records;
  readonly #outgoing = new InOrder();
  readonly #incoming = new InOrder();
  readonly #arrivals = new Arrivals();
  /** Of messages that are being encrypted. */
  #sealingBytes = 0;
  /** How the other end says that it ends. */
  #farewell: ChannelEnd | undefined;
  #closing = false;

  /**
   * Takes over a channel after the handshake.
   * @param inner carries the records
   * @param sending encrypts what goes out
   * @param receiving decrypts what comes in
   */
  constructor(inner: Channel, sending: Records, receiving: Records) {
    this.#inner = inner;
    this.#sending = sending;
    this.#receiving = receiving;
    inner.listen({
      onMessage: (message) => this.#onMessage(message),
      onEnd: (end) => this.#onEnd(end),
    });
  }

  get ended(): ChannelEnd | undefined {
    return this.#arrivals.ended;
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#closing || this.ended !== undefined) return;
    if (typeof message === 'string') this.#seal(TEXT, utf8ToBytes(message));
    else this.#seal(BYTES, message);
  }

  listen(listener: ChannelListener | undefined): void {
    this.#arrivals.listen(listener);
  }

  bufferedBytes(): number {
    return this.#inner.bufferedBytes() + this.#sealingBytes;
  }

  close(code: number, reason: string): void {
    if (this.#closing || this.ended !== undefined) return;
    this.#seal(CLOSE, utf8ToBytes(`${code} ${reason}`));
    this.#closing = true;
    this.#outgoing.push(undefined, () => this.#inner.close(code, reason), ignore);
  }

  destroy(): void {
    this.#inner.destroy();
  }

  pause(): void {
    this.#inner.pause?.();
  }

  resume(): void {
    this.#inner.resume?.();
  }

  bytesRead(): number {
    return this.#inner.bytesRead?.() ?? 0;
  }

  challenge(ms: number): void {
    this.#inner.challenge?.(ms);
  }

  authenticated(): void {
    this.#inner.authenticated?.();
  }

  #seal(kind: number, message: Uint8Array): void {
    const count = Math.ceil((message.length + 1) / PLAIN_BYTES);
    const records = Array.from({ length: count }, (_, i) => {
      // The byte in front shifts everything behind it by one.
      const part = message.subarray(Math.max(0, i * PLAIN_BYTES - 1), (i + 1) * PLAIN_BYTES - 1);
      return this.#sending.seal(i === 0 ? withKind(kind, part) : part);
    });
    this.#sealingBytes += message.length;
    this.#outgoing.push(
      allOf(records),
      (sealed) => {
        this.#sealingBytes -= message.length;
        this.#inner.send(joined(sealed, message.length + 1 + count * TAG_BYTES));
      },
      () => this.#violation('a message that could not be encrypted'),
    );
  }

  #onMessage(message: ChannelMessage): void {
    if (this.ended !== undefined) return;
    const changed = (): void => this.#violation('a message that was changed or added on the way');
    if (typeof message === 'string') {
      this.#incoming.push(undefined, changed, changed);
      return;
    }
    const sealed = new Uint8Array(message);
    const count = Math.ceil(sealed.length / RECORD_BYTES);
    let records: (Uint8Array | Promise<Uint8Array>)[];
    try {
      records = Array.from({ length: count }, (_, i) =>
        this.#receiving.open(sealed.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES)),
      );
    } catch {
      this.#incoming.push(undefined, changed, changed);
      return;
    }
    const size = sealed.length - count * TAG_BYTES;
    this.#incoming.push(allOf(records), (opened) => this.#onPlain(opened, size), changed);
  }

  #onPlain(records: readonly Uint8Array[], size: number): void {
    const kind = records[0]?.[0];
    if (this.ended !== undefined) return;
    if (this.#farewell !== undefined || kind === undefined || kind > CLOSE) {
      this.#violation('an encrypted message of no kind, or after the last one');
      return;
    }
    const body = joined([(records[0] as Uint8Array).subarray(1), ...records.slice(1)], size - 1);
    if (kind === BYTES) this.#arrivals.push(body.buffer);
    else if (kind === TEXT) this.#arrivals.push(decoder.decode(body));
    else this.#farewell = farewellOf(decoder.decode(body));
  }

  /** After the last message has been decrypted. */
  #onEnd(end: ChannelEnd): void {
    this.#incoming.push(undefined, () => this.#finish(end), ignore);
  }

  #finish(end: ChannelEnd): void {
    if (this.#closing) this.#arrivals.finish(end);
    else if (this.#farewell !== undefined) this.#arrivals.finish(this.#farewell);
    else if (end.reason === 'goodbye')
      this.#arrivals.finish({ reason: 'disconnected', code: 1006, detail: 'a goodbye that was not its own' });
    else this.#arrivals.finish(end);
  }

  #violation(detail: string): void {
    this.#arrivals.finish({ reason: 'violation', code: VIOLATION_CODE, detail });
    this.#inner.close(VIOLATION_CODE, 'violation');
  }
}

/** Of a member that sends nonsense here, the end is as good as broken. */
function farewellOf(text: string): ChannelEnd {
  const [, code, reason] = /^(\d+) (.*)$/s.exec(text) ?? [];
  return endOf(Number(code ?? 1006), reason ?? '');
}

function withKind(kind: number, message: Uint8Array): Uint8Array {
  const plain = new Uint8Array(message.length + 1);
  plain[0] = kind;
  plain.set(message, 1);
  return plain;
}

/** All at once if all are there at once. */
function allOf(results: readonly (Uint8Array | Promise<Uint8Array>)[]): Uint8Array[] | Promise<Uint8Array[]> {
  const there = results.filter((result) => result instanceof Uint8Array);
  if (there.length === results.length) return there;
  const all = Promise.all(results);
  // Who pushes it handles it; until then it may already have failed.
  all.catch(ignore);
  return all;
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
