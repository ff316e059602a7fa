// Reuse of large buffers. A fresh 8 MB array costs some 5 ms of page faults, a warm one 0.8 ms to fill, so protocol
// code gives back what it no longer needs. Contents of taken buffers are undefined.
import { RingError } from './errors.js';
import type { Ring } from './ring.js';
import type { Words } from './words.js';

/** Below this many bytes the garbage collector is the better pool. */
const SMALL = 4096;

/** Four sizes an octave: the smallest class that holds `bytes`. */
function classFor(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes) - 2);
  return Math.ceil(bytes / step) * step;
}

/** The largest class that fits into `bytes`. */
function classWithin(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes) - 2);
  return Math.floor(bytes / step) * step;
}

/** From this size on an array is worth a place in the kernels' memory: a smaller one is copied there at once. */
const LARGE = 64 * 1024;

export interface WordsPoolOptions {
  /** Whose arena large arrays come from, as long as it has room. */
  readonly ring?: Ring;
  /** What the pool keeps at most of JavaScript memory; more is left to the garbage collector. Default 256 MiB. */
  readonly maxBytes?: number;
  /** For tests: what is taken holds POISON, so that results which depend on unwritten words are wrong. Default false. */
  readonly poison?: boolean;
}

/** Every byte of a poisoned array. */
export const POISON = 0xa5;

export class WordsPool {
  readonly maxBytes: number;
  readonly poison: boolean;
  readonly #ring: Ring | undefined;
  /** Gives back what its user forgot. */
  readonly #forgotten: FinalizationRegistry<number> | undefined;
  readonly #given = new WeakSet<Words>();
  #held = 0;
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #inside = new Set<ArrayBuffer>();

  /**
   * An empty pool.
   * @param options arena, limit in bytes, poisoning
   */
  constructor({ ring, maxBytes = 256 * 2 ** 20, poison = false }: WordsPoolOptions = {}) {
    this.maxBytes = maxBytes;
    this.poison = poison;
    this.#ring = ring;
    if (ring) this.#forgotten = new FinalizationRegistry((address) => ring.arena()?.give(address));
  }

  /** Bytes that lie in the pool, ready to be taken. */
  get heldBytes(): number {
    return this.#held;
  }

  /**
   * An array of n words with undefined contents. A part of it (subarray) does not keep it alive: hold the array
   * itself for as long as a part is in use.
   * @param n number of elements
   * @returns the array
   */
  take(n: number): Words {
    const words = this.#take(n);
    if (this.poison) new Uint8Array(words.buffer, words.byteOffset, words.byteLength).fill(POISON);
    return words;
  }

  #take(n: number): Words {
    const bytes = n * 8;
    if (bytes < SMALL) return new BigUint64Array(n);
    return (bytes >= LARGE && this.#takeFromArena(n)) || new BigUint64Array(this.takeBytes(bytes), 0, n);
  }

  /**
   * As `take`, but only in the kernels' memory.
   * @param n number of elements
   * @returns the array; undefined for small ones, and where there is no room
   */
  takeInside(n: number): Words | undefined {
    return n * 8 >= LARGE ? this.#takeFromArena(n) : undefined;
  }

  #takeFromArena(n: number): Words | undefined {
    const address = this.#ring?.arena()?.take(n * 8);
    if (address === undefined || !this.#ring) return undefined;
    const words = new BigUint64Array(this.#ring.scratch.buffer, address, n);
    this.#forgotten?.register(words, address, words);
    return words;
  }

  /**
   * Gives back an array got from `take`. The caller must not use it, nor any view of its buffer, afterwards.
   * @param words array from take
   * @throws RingError (`POOL_DOUBLE_GIVE`) where it was given back before
   */
  give(words: Words): void {
    if (this.#ring && words.buffer === this.#ring.scratch.buffer) {
      if (!this.#forgotten?.unregister(words)) {
        if (!this.#given.has(words)) return; // a part of an array, or not from here
        throw new RingError('POOL_DOUBLE_GIVE', `an array of ${words.byteLength} bytes was given back twice`);
      }
      this.#given.add(words);
      this.#ring.arena()?.give(words.byteOffset);
    } else if (words.byteOffset === 0 && words.buffer instanceof ArrayBuffer) this.giveBytes(words.buffer);
  }

  /**
   * A buffer of at least `bytes` bytes.
   * @param bytes least size
   * @returns the buffer, with undefined contents
   */
  takeBytes(bytes: number): ArrayBuffer {
    if (bytes < SMALL) return new ArrayBuffer(bytes);
    const size = classFor(bytes);
    const buffer = this.#free.get(size)?.pop();
    if (!buffer) return new ArrayBuffer(size);
    this.#inside.delete(buffer);
    this.#held -= buffer.byteLength;
    return buffer;
  }

  /**
   * Gives back a buffer, its own or one that came from elsewhere, such as a received frame.
   * @param buffer buffer that is not used any more
   * @throws RingError (`POOL_DOUBLE_GIVE`) where it is in the pool already
   */
  giveBytes(buffer: ArrayBuffer): void {
    const bytes = buffer.byteLength;
    if (bytes < SMALL || this.#held + bytes > this.maxBytes) return;
    if (this.#inside.has(buffer))
      throw new RingError('POOL_DOUBLE_GIVE', `a buffer of ${bytes} bytes was given back twice`);
    const size = classWithin(bytes);
    const list = this.#free.get(size);
    if (list) list.push(buffer);
    else this.#free.set(size, [buffer]);
    this.#inside.add(buffer);
    this.#held += bytes;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#free.clear();
    this.#inside.clear();
    this.#held = 0;
  }
}
