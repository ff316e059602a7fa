/**
 * Random streams from a 32-byte seed: ChaCha (12 rounds by default) in counter mode, RFC 8439 block layout.
 *
 * A stream is named by (operation index, scope, field); the position inside it is the block counter, so any part of a
 * stream can be made on its own. Two streams of one key never overlap: the nonce is the name. Seeds are separated by
 * purpose with HKDF-SHA256 (RFC 5869) before they become keys, and are never logged. The purposes:
 *
 *     correlated   free fields: masks that a party expands, and that the dealer computes with
 *     dealt        shares of dealt fields: one more key for each descriptor (DealtStreams)
 *     pairwise     what two parties have in common: shares of inputs, zero sharings
 *     noise        what a party adds to values that it tells, known to nobody else
 */
import { extract, hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
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

const purposeInfo = (purpose: string): Uint8Array => utf8ToBytes(`tacit/v1/${purpose}`);

/** What binds dealt fields to an operation: the hash of its descriptor, as it is sent to the dealer. */
export const descriptorDigest = (text: string): Uint8Array => sha256(utf8ToBytes(text));

/**
 * A party's streams of dealt fields. Their key depends on the descriptor, so that the dealer and this party expand the
 * same share only of an operation that both of them see in the same way. A request that is not in this party's program,
 * under whatever number, is answered by corrections that are masked by a stream which nobody ever uses: the last party
 * gets noise.
 *
 * key = HKDF-Expand(HKDF-Extract(seed), 'tacit/v1/dealt' || SHA-256(descriptor)), some microseconds an operation.
 */
export class DealtStreams {
  readonly #ring: Ring;
  readonly #rounds: PrgRounds;
  readonly #mac: { clone(): { update(data: Uint8Array): { digest(): Uint8Array }; digest(): Uint8Array } };

  constructor(ring: Ring, seed: Uint8Array, rounds: PrgRounds) {
    this.#ring = ring;
    this.#rounds = rounds;
    this.#mac = hmac.create(sha256, extract(sha256, seed)).update(purposeInfo('dealt'));
  }

  /** @param digest of descriptorDigest */
  of(digest: Uint8Array): Prg {
    const info = new Uint8Array(digest.length + 1);
    info.set(digest);
    info[digest.length] = 1; // number of the block, as in RFC 5869
    return new Prg(this.#ring, this.#mac.clone().update(info).digest(), undefined, this.#rounds);
  }
}

export class Prg {
  readonly #ring: Ring;
  readonly #key: Uint32Array;
  readonly #rounds: PrgRounds;
  readonly #nonce = new Uint32Array(3);

  /** @param purpose separates streams made from the same seed for different uses; without it the seed is the key */
  constructor(ring: Ring, seed: Uint8Array, purpose: string | undefined, rounds: PrgRounds) {
    if (seed.length !== SEED_BYTES)
      throw new RangeError(`a seed has ${SEED_BYTES} bytes, got ${seed.length}`);
    const key = purpose === undefined ? seed : hkdf(sha256, seed, undefined, purposeInfo(purpose), 32);
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
