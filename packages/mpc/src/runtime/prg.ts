/**
 * Random streams from a 32-byte seed: ChaCha (12 rounds by default) in counter mode, RFC 8439 block layout.
 *
 * A stream is named by (operation index, scope, field); the position inside it is the block counter, so any part of a
 * stream can be made on its own. Two streams never overlap: the nonce is the name. Seeds are separated by purpose with
 * HKDF-SHA256 before they become keys, and are never logged.
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Accumulation, Ring, Words } from '@tacit/ring';

export const SEED_BYTES = 32;
export type PrgRounds = 8 | 12 | 20;

/** Names one operation within a session: its number in program order, within a scope. */
export interface OpId {
  readonly index: number;
  /** 0 for the main program, else a 32-bit hash of the scope's name. */
  readonly scope: number;
}

export const opKey = (id: OpId): string =>
  id.scope === 0 ? `${id.index}` : `${id.scope.toString(36)}:${id.index}`;

/** Fresh cryptographic randomness. */
export const randomSeed = (): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(SEED_BYTES));

const ACCUMULATIONS = new Map<bigint, Accumulation>([
  [1n, 'add'],
  [-1n, 'subtract'],
  [2n, 'addTwice'],
]);

export class Prg {
  readonly #ring: Ring;
  readonly #key: Uint32Array;
  readonly #rounds: PrgRounds;
  readonly #nonce = new Uint32Array(3);

  /** @param purpose separates streams made from the same seed for different uses */
  constructor(ring: Ring, seed: Uint8Array, purpose: string, rounds: PrgRounds) {
    if (seed.length !== SEED_BYTES)
      throw new RangeError(`a seed has ${SEED_BYTES} bytes, got ${seed.length}`);
    const key = hkdf(sha256, seed, undefined, utf8ToBytes(`tacit/v1/${purpose}`), 32);
    this.#ring = ring;
    this.#key = new Uint32Array(key.buffer.slice(key.byteOffset, key.byteOffset + 32));
    this.#rounds = rounds;
  }

  /** Fills `out` with the stream (id, field) from word `offset`, a multiple of 8. */
  fill(out: Words, id: OpId, field: number, offset: number): void {
    this.#name(id, field);
    this.#ring.chacha(out, this.#key, this.#nonce, offset / 8, this.#rounds);
  }

  /** Combines words with the stream, without a pass of its own. */
  into(out: Words, how: Accumulation, id: OpId, field: number, offset: number): void {
    this.#name(id, field);
    const stream = { key: this.#key, nonce: this.#nonce, counter: offset / 8, rounds: this.#rounds };
    this.#ring.chachaInto(out, how, stream);
  }

  /** out = out + weight * stream */
  addTo(out: Words, weight: bigint, id: OpId, field: number, offset: number): void {
    const how = ACCUMULATIONS.get(weight);
    if (how) {
      this.into(out, how, id, field, offset);
      return;
    }
    const { scratch } = this.#ring;
    const mark = scratch.mark();
    const words = scratch.words(out.length);
    this.fill(words, id, field, offset);
    this.#ring.addScaled(out, out, weight, words);
    scratch.release(mark);
  }

  #name(id: OpId, field: number): void {
    this.#nonce[0] = id.index;
    this.#nonce[1] = id.scope;
    this.#nonce[2] = field;
  }
}
