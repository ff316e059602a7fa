/**
 * Random streams from a 32-byte seed: ChaCha (12 rounds by default) in counter mode, RFC 8439 block layout.
 *
 * A stream is named by (operation index, scope, field); the position inside it is the block counter, so any part of a
 * stream can be made on its own. Two streams of one key never overlap: index and field are the nonce. Purposes and
 * scopes have keys of their own, by HKDF-SHA256 (RFC 5869) from the seed, which is never logged. The purposes:
 *
 *     correlated   free fields: masks that a party expands, and that the dealer computes with
 *     dealt        shares of dealt fields: one more key for each descriptor (DealtStreams)
 *     pairwise     what two parties have in common: shares of inputs, zero sharings
 *     noise        what a party adds to values that it tells, known to nobody else
 */
import { extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Accumulation, Ring, Words } from '@tacit/ring';

export const SEED_BYTES = 32;
export type PrgRounds = 12 | 20;

/** Names one operation within a session: its number in program order, within a scope. */
export interface OpId {
  readonly index: number;
  /** Empty for the main program, else 128 bits of a hash of the scope's name (scopeId). */
  readonly scope: string;
}

export const opKey = (id: OpId): string => (id.scope === '' ? `${id.index}` : `${id.scope}:${id.index}`);

/** Fresh cryptographic randomness. */
export const randomSeed = (): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(SEED_BYTES));

const ACCUMULATIONS = new Map<bigint, Accumulation>([
  [1n, 'add'],
  [-1n, 'subtract'],
  [2n, 'addTwice'],
]);

/** HKDF-Expand for keys of 32 bytes: one block. */
class KeyExpansion {
  readonly #mac: ReturnType<typeof hmac.create>;

  constructor(seed: Uint8Array) {
    if (seed.length !== SEED_BYTES)
      throw new RangeError(`a seed has ${SEED_BYTES} bytes, got ${seed.length}`);
    this.#mac = hmac.create(sha256, extract(sha256, seed));
  }

  key(info: string): Uint32Array {
    const block = this.#mac.clone().update(utf8ToBytes(info)).update(Uint8Array.of(1)).digest();
    return new Uint32Array(block.buffer.slice(block.byteOffset, block.byteOffset + 32));
  }
}

/**
 * A party's streams of dealt fields. Their key depends on the descriptor, so that the dealer and this party expand the
 * same share only of an operation that both of them see in the same way. A request that is not in this party's program,
 * under whatever number, is answered by corrections that are masked by a stream which nobody ever uses: the last party
 * gets noise.
 *
 * key = HKDF-Expand(HKDF-Extract(seed), 'tacit/v1/dealt/' || SHA-256(descriptor) || scope), some tens of microseconds an
 * operation. Keeping keys does not pay: most descriptors name masks by their numbers, and are there once.
 */
export class DealtStreams {
  readonly #ring: Ring;
  readonly #rounds: PrgRounds;
  readonly #keys: KeyExpansion;

  constructor(ring: Ring, seed: Uint8Array, rounds: PrgRounds) {
    this.#ring = ring;
    this.#rounds = rounds;
    this.#keys = new KeyExpansion(seed);
  }

  /** @param descriptor as it is sent to the dealer */
  of(descriptor: string, { scope }: OpId): Prg {
    const digest = bytesToHex(sha256(utf8ToBytes(descriptor)));
    const key = this.#keys.key(`tacit/v1/dealt/${digest}${scope}`);
    return new Prg(this.#ring, () => key, this.#rounds);
  }
}

/** Keys of scopes that are kept; others are made again. */
const SCOPE_KEYS = 64;

export class Prg {
  readonly #ring: Ring;
  readonly #keyOf: (scope: string) => Uint32Array;
  readonly #rounds: PrgRounds;
  readonly #nonce = new Uint32Array(3);
  #scope: string | undefined;
  #key: Uint32Array = new Uint32Array(8);

  /** @param keyOf the key of a scope */
  constructor(ring: Ring, keyOf: (scope: string) => Uint32Array, rounds: PrgRounds) {
    this.#ring = ring;
    this.#keyOf = keyOf;
    this.#rounds = rounds;
  }

  /** @param purpose separates streams made from the same seed for different uses */
  static fromSeed(ring: Ring, seed: Uint8Array, purpose: string, rounds: PrgRounds): Prg {
    const keys = new KeyExpansion(seed);
    const known = new Map<string, Uint32Array>();
    const keyOf = (scope: string): Uint32Array => {
      let key = known.get(scope);
      if (!key) {
        key = keys.key(scope === '' ? `tacit/v1/${purpose}` : `tacit/v1/${purpose}/${scope}`);
        if (known.size >= SCOPE_KEYS) known.clear();
        known.set(scope, key);
      }
      return key;
    };
    return new Prg(ring, keyOf, rounds);
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
    if (id.scope !== this.#scope) {
      this.#key = this.#keyOf(id.scope);
      this.#scope = id.scope;
    }
    this.#nonce[0] = id.index;
    this.#nonce[2] = field;
  }
}
