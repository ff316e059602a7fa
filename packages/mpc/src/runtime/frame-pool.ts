/**
 * Message buffers by exact size. Openings are symmetric: what a party receives has the size of what it sends next time,
 * and a buffer that a message fills exactly can be handed from thread to thread without a copy.
 *
 * Not everything is symmetric: the owner of a model receives inputs and sends nothing of their size. So of each size no
 * more buffers are kept than were taken.
 */

import { POISON } from '@tacit/ring';

/** Below this the garbage collector is the better pool. */
const SMALL = 4096;

export class FramePool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  /** Buffers that were taken and not given back, by size. */
  readonly #out = new Map<number, number>();
  #held = 0;

  /**
   * @param maxBytes what is kept at most; the sizes that were not asked for the longest go first
   * @param poison for tests: what is taken holds POISON, so that messages which are not written as a whole are wrong
   */
  constructor(
    readonly maxBytes = 64 * 2 ** 20,
    readonly poison = false,
  ) {}

  /** A message of `bytes` bytes; contents undefined. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const message = this.#take(bytes);
    if (this.poison) message.fill(POISON);
    return message;
  }

  #take(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes >= SMALL) this.#out.set(bytes, (this.#out.get(bytes) ?? 0) + 1);
    const list = this.#free.get(bytes);
    const buffer = list?.pop();
    if (!list || !buffer) return new Uint8Array(bytes);
    this.#held -= bytes;
    this.#free.delete(bytes);
    if (list.length > 0) this.#free.set(bytes, list); // most recently used last
    return new Uint8Array(buffer);
  }

  /** Gives back a message that fills its buffer, its own or a received one in its place. */
  give(message: Uint8Array): void {
    const { buffer, byteLength } = message;
    if (byteLength < SMALL || !(buffer instanceof ArrayBuffer) || buffer.byteLength !== byteLength) return;
    const out = this.#out.get(byteLength);
    if (out === undefined) return;
    if (out > 1) this.#out.set(byteLength, out - 1);
    else this.#out.delete(byteLength);
    const list = this.#free.get(byteLength);
    if (list) list.push(buffer);
    else this.#free.set(byteLength, [buffer]);
    this.#held += byteLength;
    for (const [size, buffers] of this.#free) {
      if (this.#held <= this.maxBytes) break;
      this.#held -= size * buffers.length;
      this.#free.delete(size);
    }
  }
}
