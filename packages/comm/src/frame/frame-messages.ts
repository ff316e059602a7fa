/**
 * How a frame travels over a WebSocket: as one message in the binary encoding, or, if it has large payloads, as
 * a message with everything else followed by the large payloads in pieces of 1 MiB, in order.
 *
 * A WebSocket library gathers a message before it hands it over. Pieces keep what it gathers small and in the
 * cache, let the receiver put the payload together while the rest is on its way, and spare the sender the copy
 * of the payload into the frame.
 * Cost: payloads of more than one piece are copied once by the receiver, small ones once by the sender.
 */
import { ProtocolViolationError } from '../errors.js';
import type { Entry } from '../transport.js';
import { decodeFrameHead, encodeFrameHead, type HeadEntry } from './frame.js';

/** Payloads from this size on travel apart. */
export const APART_BYTES = 128 * 1024;
const PIECE_BYTES = 2 ** 20;

/** The messages for a frame. Large payloads are taken from their owner: their buffers are detached. */
export function frameMessages(entries: readonly Entry[]): Uint8Array<ArrayBuffer>[] {
  const messages = [encodeFrameHead(entries, APART_BYTES)];
  for (const { payload } of entries) {
    if (payload.byteLength < APART_BYTES) continue;
    const own = takeOver(payload);
    for (let at = 0; at < own.byteLength; at += PIECE_BYTES)
      messages.push(own.subarray(at, at + PIECE_BYTES));
  }
  return messages;
}

/** Moves `payload` into a buffer that nobody else has: without a copy if it owns its whole buffer. */
function takeOver(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = payload;
  if (buffer instanceof ArrayBuffer && payload.byteLength === buffer.byteLength) {
    try {
      return new Uint8Array(structuredClone(buffer, { transfer: [buffer] }));
    } catch {
      // Not to be moved, such as the memory of a WebAssembly instance.
    }
  }
  return new Uint8Array(payload);
}

/** Puts the messages of one peer together again. */
export class FrameAssembler {
  readonly #maxBytes: number;
  #head: readonly HeadEntry[] | undefined;
  /** The payloads apart, by their place in the head. */
  #payloads: (Uint8Array | undefined)[] = [];
  /** Which payload is being filled, and how far. */
  #current = 0;
  #filled = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next message; returns the entries of the frame that it completes. Their payloads are aligned and
   * do not share memory with anything. Throws ProtocolViolationError on garbage.
   */
  push(message: ArrayBuffer): Entry[] | undefined {
    if (this.#head === undefined) this.#begin(message);
    else this.#fill(message);
    return this.#finish();
  }

  /**
   * Where the next message belongs, so that a channel can put it there by itself; `placed` says that it has. Undefined if
   * it is not a piece of a payload, or not the expected one: then it is pushed.
   */
  place(bytes: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.#head === undefined || bytes !== this.#expected()) return undefined;
    return this.#payload().subarray(this.#filled, this.#filled + bytes);
  }

  /** The message is at its place; returns the entries of the frame that it completes. */
  placed(): Entry[] | undefined {
    this.#advance(this.#expected());
    return this.#finish();
  }

  #begin(message: ArrayBuffer): void {
    const head = decodeFrameHead(message);
    let total = message.byteLength;
    for (const { length, payload } of head) if (payload === undefined) total += length;
    if (total > this.#maxBytes)
      throw new ProtocolViolationError(`a frame of ${total} bytes exceeds the limit of ${this.#maxBytes}`);
    this.#head = head;
    this.#payloads = head.map(({ payload }) => payload);
    this.#filled = 0;
    this.#current = this.#nextApart(0);
  }

  #fill(piece: ArrayBuffer): void {
    const expected = this.#expected();
    if (piece.byteLength !== expected)
      throw new ProtocolViolationError(`a piece of ${piece.byteLength} bytes, expected ${expected}`);
    // One that is a whole payload becomes it: nobody else has its memory.
    if (expected === this.#length()) this.#payloads[this.#current] = new Uint8Array(piece);
    else this.#payload().set(new Uint8Array(piece), this.#filled);
    this.#advance(expected);
  }

  /** Made when its first piece comes. */
  #payload(): Uint8Array<ArrayBuffer> {
    this.#payloads[this.#current] ??= new Uint8Array(this.#length());
    return this.#payloads[this.#current] as Uint8Array<ArrayBuffer>;
  }

  /** Of the payload that is being filled. */
  #length(): number {
    return this.#head?.[this.#current]?.length ?? 0;
  }

  #expected(): number {
    return Math.min(PIECE_BYTES, this.#length() - this.#filled);
  }

  #advance(bytes: number): void {
    this.#filled += bytes;
    if (this.#filled < this.#length()) return;
    this.#filled = 0;
    this.#current = this.#nextApart(this.#current + 1);
  }

  #finish(): Entry[] | undefined {
    const head = this.#head;
    if (head === undefined || this.#current < head.length) return undefined;
    const entries = head.map(({ key }, i) => ({ key, payload: this.#payloads[i] as Uint8Array }));
    this.#head = undefined;
    this.#payloads = [];
    return entries;
  }

  #nextApart(from: number): number {
    const head = this.#head ?? [];
    let at = from;
    while (at < head.length && head[at]?.payload !== undefined) at++;
    return at;
  }
}
