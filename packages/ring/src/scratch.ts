// The memory of one ring instance, laid out once: what the kernels themselves use, then what lives as long as the
// ring (growing up from the bottom), then a stack of short-lived work space (growing down from the top).
// Contents of fresh scratch are undefined. Everything is aligned to 64 bytes, the length of a cache line.
import { RingArgumentError, ScratchExhaustedError } from './errors.js';
import type { Words } from './words.js';

const ALIGN = 64;

const roundUp = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;

/** A position of the scratch stack, to go back to. */
export type ScratchMark = number & { readonly __mark: unique symbol };

export class Scratch {
  #buffer: ArrayBuffer;
  readonly #end: number;
  #bottom: number;
  #top: number;

  /**
   * The whole memory above the kernels' own as scratch.
   * @param memory memory of the WebAssembly instance
   * @param heapBase first free address
   */
  constructor(memory: WebAssembly.Memory, heapBase: number) {
    this.#buffer = memory.buffer as ArrayBuffer;
    this.#bottom = roundUp(heapBase);
    this.#end = this.#buffer.byteLength;
    this.#top = this.#end;
  }

  get buffer(): ArrayBuffer {
    return this.#buffer;
  }

  /** Whether nothing is taken from the stack. */
  get isEmpty(): boolean {
    return this.#top === this.#end;
  }

  /**
   * After the memory has grown: the scratch stays where it is, in a new buffer.
   * @param memory memory of the WebAssembly instance
   */
  moveTo(memory: WebAssembly.Memory): void {
    this.#buffer = memory.buffer as ArrayBuffer;
  }

  /** Bytes that can still be taken. */
  get available(): number {
    return this.#top - this.#bottom;
  }

  /** The present position of the stack, to release to. */
  mark(): ScratchMark {
    return this.#top as ScratchMark;
  }

  /**
   * Gives back everything taken since `mark`; views of it must not be used any more.
   * @param mark position from `mark()`
   * @throws RingArgumentError where the mark is newer than the present position
   */
  release(mark: ScratchMark): void {
    if (mark < this.#top || mark > this.#end)
      throw new RingArgumentError(
        'scratch.release: the mark is newer than the present position of the stack',
      );
    this.#top = mark;
  }

  /**
   * Takes bytes from the stack and returns their address.
   * @param bytes number of bytes
   * @returns the address, aligned to 64 bytes
   * @throws ScratchExhaustedError
   */
  take(bytes: number): number {
    const size = roundUp(bytes);
    if (!(size <= this.available)) throw this.#exhausted(bytes);
    this.#top -= size;
    return this.#top;
  }

  /**
   * Words from the stack, with undefined contents.
   * @param count number of elements
   * @returns a view of the kernels' memory
   */
  words(count: number): Words {
    return new BigUint64Array(this.buffer, this.take(count * 8), count);
  }

  /**
   * Bytes from the stack, with undefined contents.
   * @param count number of elements
   * @returns a view of the kernels' memory
   */
  bytes(count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, this.take(count), count);
  }

  /**
   * Takes bytes for the lifetime of the ring and returns their address.
   * @param bytes number of bytes
   * @returns the address, aligned to 64 bytes
   * @throws ScratchExhaustedError
   */
  keep(bytes: number): number {
    const size = roundUp(bytes);
    if (!(size <= this.available)) throw this.#exhausted(bytes);
    const address = this.#bottom;
    this.#bottom += size;
    return address;
  }

  #exhausted(bytes: number): ScratchExhaustedError {
    return new ScratchExhaustedError(
      `scratch memory exhausted: ${bytes} bytes asked for, ${this.available} of ${this.#end} left; ` +
        'release marks earlier, work in smaller blocks, or load the ring with more memoryBytes',
    );
  }
}
