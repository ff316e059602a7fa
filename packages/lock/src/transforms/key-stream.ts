/**
 * Numbers drawn from a key, the same in every language and on every machine.
 *
 * HKDF-SHA-256 (RFC 5869, no salt) makes 64 bytes of the key under an info string. The first 32 are a ChaCha20 key
 * (RFC 8439; nonce of 12 zero bytes, counter from 0), whose keystream is read as 32-bit words, little-endian; the last
 * 32 are for whoever needs a key of his own. A number below n is a word w < n floor(2^32 / n), reduced modulo n; words at
 * or above that are passed over, so no number is likelier than another.
 */
import { chacha20 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ArgumentError } from '@tacit/errors';

/** Bytes of a key. */
export const KEY_BYTES = 32;
/** Words are made so many at a time. */
const WORDS = 256;

/** What a key is stretched to under one name. */
export interface DerivedKeys {
  /** Of the keystream. */
  readonly stream: Uint8Array;
  /** A second key, independent of it. */
  readonly second: Uint8Array;
}

/**
 * Stretches a key.
 * @param key 32 bytes
 * @param info what it is for; two that differ give keys that have nothing to do with each other
 * @returns two keys of 32 bytes, for the caller to wipe
 * @throws ArgumentError where the key is not 32 bytes
 * @example const { stream } = deriveKeys(key, 'tacit/transform/v1/shf/4/3');
 */
export function deriveKeys(key: Uint8Array, info: string): DerivedKeys {
  checkKey(key);
  const made = hkdf(sha256, key, undefined, new TextEncoder().encode(info), 2 * KEY_BYTES);
  return { stream: made.subarray(0, KEY_BYTES), second: made.subarray(KEY_BYTES) };
}

/**
 * Refuses what is no key.
 * @param key what was given
 * @throws ArgumentError where it is not 32 bytes; it does not show them
 */
export function checkKey(key: unknown): asserts key is Uint8Array {
  if (!(key instanceof Uint8Array)) throw new ArgumentError('a key is a Uint8Array of 32 bytes');
  if (key.length !== KEY_BYTES) throw new ArgumentError(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
}

/** Numbers from a keystream, in order. */
export class KeyStream {
  readonly #key: Uint8Array;
  readonly #bytes = new Uint8Array(4 * WORDS);
  readonly #view = new DataView(this.#bytes.buffer);
  #blocks = 0;
  #at = WORDS;

  /**
   * Starts at the first word.
   * @param key 32 bytes, copied
   */
  constructor(key: Uint8Array) {
    checkKey(key);
    this.#key = key.slice();
  }

  /**
   * A number, each equally likely.
   * @param n how many there are, 1 to 2^32
   * @returns from 0 to n - 1
   */
  below(n: number): number {
    const end = n * Math.floor(2 ** 32 / n);
    for (;;) {
      const word = this.#word();
      if (word < end) return word % n;
    }
  }

  /** Forgets the key and what was made of it. */
  wipe(): void {
    this.#key.fill(0);
    this.#bytes.fill(0);
    this.#at = WORDS;
  }

  #word(): number {
    if (this.#at === WORDS) {
      this.#bytes.fill(0);
      chacha20(this.#key, new Uint8Array(12), this.#bytes, this.#bytes, this.#blocks);
      this.#blocks += WORDS / 16;
      this.#at = 0;
    }
    return this.#view.getUint32(4 * this.#at++, true);
  }
}

/**
 * A permutation, each equally likely (Fisher and Yates; Durstenfeld 1964): for i from the last place down to 1, what is at
 * i changes places with what is at a number below i + 1.
 * @param stream where the numbers come from
 * @param length how many places there are
 * @returns 0 to length - 1 in another order
 */
export function permutation(stream: KeyStream, length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    const moved = order[i];
    order[i] = order[j];
    order[j] = moved;
  }
  return order;
}
