/**
 * What waits to be written to a stream of bytes, and in which pieces it goes. A write is dear, whatever its size: TLS
 * makes records of it, the kernel and the event loop are asked, and the other end wakes up. So messages are not written
 * one by one: whatever waits is copied together, headers and all, up to 304 KiB at a time.
 */
import { HEADER_BYTES, type Kind, writeHeader } from './stream-frames.js';

/**
 * The largest write: 19 full records of TLS. Node.js hands encrypted bytes to the kernel by 160 KiB, in a turn of the event
 * loop each; with what TLS adds, 19 records fill two such turns.
 */
export const WRITE_BYTES = 19 * 2 ** 14;
/** Up to here a write gets a buffer of its own, so that channels of small messages keep no large one. */
const SMALL_BYTES = 2 ** 14;

export class WriteQueue {
  #pieces: Uint8Array[] = [];
  /** How much of the first piece has been taken. */
  #taken = 0;
  #bytes = 0;
  #buffer: Uint8Array | undefined;

  /** How many bytes wait, with their headers. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a message.
   * @param kind of message
   * @param body whose bytes must not change until they are taken
   */
  push(kind: Kind, body: Uint8Array): void {
    const head = Buffer.allocUnsafe(HEADER_BYTES);
    writeHeader(head, 0, kind, body.length);
    this.#pieces.push(head);
    if (body.length > 0) this.#pieces.push(body);
    this.#bytes += HEADER_BYTES + body.length;
  }

  /**
   * Takes what is to be written next.
   * @returns at most `WRITE_BYTES`, to be read until the next call: large writes share one buffer; undefined if nothing waits
   */
  take(): Uint8Array | undefined {
    if (this.#bytes === 0) return undefined;
    const target = this.#target();
    let filled = 0;
    let used = 0;
    while (filled < target.length) {
      const piece = this.#pieces[used] as Uint8Array;
      const part = piece.subarray(this.#taken, this.#taken + target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#taken += part.length;
      if (this.#taken < piece.length) break;
      this.#taken = 0;
      used++;
    }
    this.#pieces.splice(0, used);
    this.#bytes -= filled;
    return target;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#pieces = [];
    this.#taken = 0;
    this.#bytes = 0;
  }

  #target(): Uint8Array {
    if (this.#bytes <= SMALL_BYTES) return Buffer.allocUnsafe(this.#bytes);
    this.#buffer ??= Buffer.allocUnsafeSlow(WRITE_BYTES);
    return this.#bytes < WRITE_BYTES ? this.#buffer.subarray(0, this.#bytes) : this.#buffer;
  }
}
