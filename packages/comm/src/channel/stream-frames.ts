/**
 * How messages travel in a stream of bytes:
 *
 *   u8 kind   u32 length (little-endian)   that many bytes
 *
 * Kinds: bytes, text, the last message (code and reason of a close), and a heartbeat with its answer.
 */

import type { Place } from './channel.js';

export const KINDS = { bytes: 0, text: 1, close: 2, ping: 3, pong: 4 } as const;
export type Kind = (typeof KINDS)[keyof typeof KINDS];

export const HEADER_BYTES = 5;
/** What a message other than bytes or text may hold. */
const MAX_CONTROL_BYTES = 256;

/** A peer sent what is no message. */
export class FrameError extends Error {}

/**
 * Writes the header of a message.
 * @param target where there are 5 bytes
 * @param at from which byte on
 */
export function writeHeader(target: Buffer, at: number, kind: Kind, length: number): void {
  target[at] = kind;
  target.writeUInt32LE(length, at + 1);
}

/** Who gets the messages. */
export interface FrameReceiver {
  /** One is complete; its buffer belongs to the receiver. */
  onMessage(kind: Kind, body: ArrayBuffer): void;
  /** Of kind `bytes`: where the receiver wants it; `onMessage` is not called then. */
  place(bytes: number): Place | undefined;
}

/** Makes messages of the chunks of a stream. */
export class FrameReader {
  readonly #receiver: FrameReceiver;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerFilled = 0;
  #kind: Kind = KINDS.bytes;
  #length = 0;
  #filled = 0;
  #body: Uint8Array<ArrayBuffer> | undefined;
  #place: Place | undefined;
  #stopped = false;
  readonly #maxBytes: number;
  /** Up to here a message gets its memory when it is announced; a larger one as it comes. */
  promisedBytes = 4096;

  /**
   * @param maxBytes the largest message that is accepted
   * @param receiver gets each message when it is complete
   */
  constructor(maxBytes: number, receiver: FrameReceiver) {
    this.#maxBytes = maxBytes;
    this.#receiver = receiver;
  }

  /** Nothing more is wanted, not even the rest of the chunk that is being read. */
  stop(): void {
    this.#stopped = true;
    this.#body = undefined;
    this.#place = undefined;
  }

  /** What has come of a message goes to a buffer of its own, and so does the rest: its place is taken. */
  displace(): void {
    if (this.#place === undefined || this.#body === undefined) return;
    const own = uninitialised(this.#length);
    own.set(this.#body.subarray(0, this.#filled));
    this.#body = own;
    this.#place = undefined;
  }

  /**
   * Takes the next bytes of the stream, of which nothing is kept.
   * @throws FrameError on what is no message
   */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      if (this.#body === undefined) {
        const some = chunk.subarray(at, at + HEADER_BYTES - this.#headerFilled);
        this.#header.set(some, this.#headerFilled);
        this.#headerFilled += some.length;
        at += some.length;
        if (this.#headerFilled < HEADER_BYTES) return;
        this.#begin();
      }
      at += this.#fill(chunk, at);
    }
  }

  #begin(): void {
    this.#headerFilled = 0;
    const kind = this.#header[0] as Kind;
    const length = this.#header.readUInt32LE(1);
    if (kind > KINDS.pong) throw new FrameError('a message of no kind');
    const limit = kind > KINDS.text ? MAX_CONTROL_BYTES : this.#maxBytes;
    if (length > limit) throw new FrameError(`a message of ${length} bytes exceeds the limit of ${limit}`);
    this.#kind = kind;
    this.#length = length;
    this.#filled = 0;
    this.#place = kind === KINDS.bytes ? this.#receiver.place(length) : undefined;
    this.#body = this.#place?.target ?? uninitialised(Math.min(length, this.promisedBytes));
  }

  #fill(chunk: Uint8Array, at: number): number {
    const count = Math.min(chunk.length - at, this.#length - this.#filled);
    const body = this.#roomFor(this.#filled + count);
    body.set(count < chunk.length ? chunk.subarray(at, at + count) : chunk, this.#filled);
    this.#filled += count;
    if (this.#filled < this.#length) return count;
    const place = this.#place;
    this.#body = undefined;
    this.#place = undefined;
    if (place !== undefined) place.done();
    else this.#receiver.onMessage(this.#kind, body.buffer);
    return count;
  }

  /** Grows with what has come, so that an announcement alone takes no memory. */
  #roomFor(bytes: number): Uint8Array<ArrayBuffer> {
    const body = this.#body as Uint8Array<ArrayBuffer>;
    if (bytes <= body.length) return body;
    const larger = uninitialised(Math.min(this.#length, Math.max(bytes, 2 * body.length)));
    larger.set(body.subarray(0, this.#filled));
    this.#body = larger;
    return larger;
  }
}

/** A buffer of its own, not a part of a pool: whoever gets it has all of it. */
const uninitialised = (bytes: number): Uint8Array<ArrayBuffer> => {
  const { buffer } = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer as ArrayBuffer);
};
