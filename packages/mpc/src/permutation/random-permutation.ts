/**
 * Uniform random permutations from a stream of pseudorandom words: Fisher and Yates' shuffle, with numbers below a bound
 * by D. Lemire, "Fast random integer generation in an interval" (ACM TOMACS 29, 2019). A word whose product with the
 * bound falls into the incomplete interval (one in 2^43 below bounds of 2^21) is passed over, so no permutation is
 * likelier than another.
 */
import type { Words } from '@tacit/ring';
import { BLOCK, type Block } from '../runtime/layout.js';

/** Reads a run of the stream: words that stay as they are until the next read. */
export type ReadStream = (run: Block) => Words;

/** Words from the system's source of randomness. */
export const randomWords = (length: number): Words => {
  const words = new BigUint64Array(length);
  // One call gives 64 KiB at most.
  for (let start = 0; start < length; start += BLOCK)
    globalThis.crypto.getRandomValues(words.subarray(start, start + BLOCK));
  return words;
};

const HALF = 2 ** 32;
/** The largest bound whose product with a 32-bit number is exact in double precision. */
const EXACT_BOUND = 2 ** 21;

/** Numbers from a stream. */
class Draws {
  readonly #read: ReadStream;
  readonly #length: number;
  #start: number;
  #halves = new Uint32Array(0);
  #at = 0;

  /** @param expected how many words will be read, most likely */
  constructor(read: ReadStream, expected: number) {
    this.#read = read;
    // A run starts where a block of the stream does: at a multiple of 8.
    this.#length = Math.min(BLOCK, Math.ceil(Math.max(1, expected) / 8) * 8);
    this.#start = -this.#length;
  }

  #refill(): void {
    this.#start += this.#length;
    const words = this.#read({ start: this.#start, length: this.#length });
    this.#halves = new Uint32Array(words.buffer, words.byteOffset, 2 * words.length).slice();
    this.#at = 0;
  }

  /** Uniform in 0 to bound - 1, for bounds up to 2^32. */
  below(bound: number): number {
    for (;;) {
      if (this.#at === this.#halves.length) this.#refill();
      const low = this.#halves[this.#at++];
      const high = this.#halves[this.#at++];
      const drawn = bound <= EXACT_BOUND ? scaled(low, high, bound) : scaledExactly(low, high, bound);
      if (drawn !== undefined) return drawn;
    }
  }
}

/** The upper word of w times bound, w = low + 2^32 high; undefined in the incomplete interval. */
function scaled(low: number, high: number, bound: number): number | undefined {
  const below = low * bound;
  const carry = Math.floor(below / HALF);
  const above = high * bound + carry;
  const result = Math.floor(above / HALF);
  // 2^64 mod bound is below 2^32: the upper half of the rest decides most often.
  if (above !== result * HALF) return result;
  return below - carry * HALF < Number(2n ** 64n % BigInt(bound)) ? undefined : result;
}

function scaledExactly(low: number, high: number, bound: number): number | undefined {
  const product = ((BigInt(high) << 32n) + BigInt(low)) * BigInt(bound);
  if (BigInt.asUintN(64, product) < 2n ** 64n % BigInt(bound)) return undefined;
  return Number(product >> 64n);
}

/**
 * Permutations of `rows` rows, one a lane, from one stream.
 * @param read reads the stream
 * @returns for each lane, one after the other, where each of its rows comes from
 */
export function randomPermutations(lanes: number, rows: number, read: ReadStream): Uint32Array {
  const sources = new Uint32Array(lanes * rows);
  const draws = new Draws(read, sources.length);
  for (let lane = 0; lane < lanes; lane++) {
    const own = sources.subarray(lane * rows, (lane + 1) * rows);
    for (let i = 0; i < rows; i++) own[i] = i;
    for (let i = rows - 1; i > 0; i--) {
      const j = draws.below(i + 1);
      const moved = own[i];
      own[i] = own[j];
      own[j] = moved;
    }
  }
  return sources;
}
