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
import { TAG_BYTES } from './cipher-state.js';
import type { Transports } from './handshake-state.js';

const RECORD_BYTES = 65_535;
const PLAIN_BYTES = RECORD_BYTES - TAG_BYTES;
const BYTES = 0;
const TEXT = 1;
const CLOSE = 2;

const decoder = new TextDecoder();

export class NoiseChannel implements Channel {
  readonly #inner: Channel;
  readonly #keys: Transports;
  readonly #arrivals = new Arrivals();
  /** How the other end says that it ends. */
  #farewell: ChannelEnd | undefined;
  #closing = false;

  constructor(inner: Channel, keys: Transports) {
    this.#inner = inner;
    this.#keys = keys;
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
    return this.#inner.bufferedBytes();
  }

  close(code: number, reason: string): void {
    if (this.#closing || this.ended !== undefined) return;
    this.#seal(CLOSE, utf8ToBytes(`${code} ${reason}`));
    this.#closing = true;
    this.#inner.close(code, reason);
  }

  destroy(): void {
    this.#inner.destroy();
  }

  authenticated(): void {
    this.#inner.authenticated?.();
  }

  #seal(kind: number, message: Uint8Array): void {
    const records = Math.ceil((message.length + 1) / PLAIN_BYTES);
    const sealed = new Uint8Array(message.length + 1 + records * TAG_BYTES);
    for (let i = 0; i < records; i++) {
      // The byte in front shifts everything behind it by one.
      const part = message.subarray(Math.max(0, i * PLAIN_BYTES - 1), (i + 1) * PLAIN_BYTES - 1);
      sealed.set(this.#keys.sending.seal(i === 0 ? withKind(kind, part) : part), i * RECORD_BYTES);
    }
    this.#inner.send(sealed);
  }

  #onMessage(message: ChannelMessage): void {
    if (this.ended !== undefined) return;
    let plain: Uint8Array<ArrayBuffer>;
    try {
      if (typeof message === 'string' || this.#farewell !== undefined) throw new Error('not encrypted');
      plain = this.#open(new Uint8Array(message));
    } catch {
      this.#violation('a message that was changed or added on the way');
      return;
    }
    const body = plain.slice(1);
    if (plain[0] === BYTES) this.#arrivals.push(body.buffer);
    else if (plain[0] === TEXT) this.#arrivals.push(decoder.decode(body));
    else if (plain[0] === CLOSE) this.#farewell = farewellOf(decoder.decode(body));
    if (plain[0] === undefined || plain[0] > CLOSE) this.#violation('an encrypted message of no kind');
  }

  #open(sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    const records = Math.ceil(sealed.length / RECORD_BYTES);
    const plain = new Uint8Array(sealed.length - records * TAG_BYTES);
    for (let i = 0; i < records; i++) {
      const record = sealed.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES);
      plain.set(this.#keys.receiving.open(record), i * PLAIN_BYTES);
    }
    return plain;
  }

  #onEnd(end: ChannelEnd): void {
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
