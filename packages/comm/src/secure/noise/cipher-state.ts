/**
 * The CipherState of the Noise Protocol Framework, revision 34, section 5.1: ChaCha20-Poly1305 (RFC 8439) under one key,
 * with a nonce that counts. Section 12.3: the nonce is 32 zero bits and the count as a little-endian 64-bit number.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';

export const KEY_BYTES = 32;
export const TAG_BYTES = 16;

/** ChaCha20-Poly1305. Where the runtime has a faster one than TypeScript, it is used instead. */
export interface Aead {
  /** @returns ciphertext and tag */
  seal(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Throws if the tag is not right. */
  open(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array;
}

/** The one that runs everywhere. */
export const portableAead: Aead = {
  seal: (key, nonce, ad, plaintext) => chacha20poly1305(key, nonce, ad).encrypt(plaintext),
  open: (key, nonce, ad, sealed) => chacha20poly1305(key, nonce, ad).decrypt(sealed),
};

const NO_AD = new Uint8Array(0);

export class CipherState {
  readonly #aead: Aead;
  #key: Uint8Array | undefined;
  #count = 0;

  constructor(aead: Aead, key?: Uint8Array) {
    this.#aead = aead;
    this.#key = key;
  }

  /** InitializeKey */
  setKey(key: Uint8Array): void {
    this.#key = key;
    this.#count = 0;
  }

  /** EncryptWithAd: the plaintext itself as long as there is no key. */
  seal(plaintext: Uint8Array, ad: Uint8Array = NO_AD): Uint8Array {
    return this.#key ? this.#aead.seal(this.#key, this.#nonce(), ad, plaintext) : plaintext;
  }

  /** DecryptWithAd. Throws if the message is not the next one of the other end. */
  open(sealed: Uint8Array, ad: Uint8Array = NO_AD): Uint8Array {
    return this.#key ? this.#aead.open(this.#key, this.#nonce(), ad, sealed) : sealed;
  }

  /** 2^53 messages of 64 KiB are not sent in the life of a process; beyond, numbers would repeat. */
  #nonce(): Uint8Array {
    if (this.#count >= Number.MAX_SAFE_INTEGER) throw new Error('a key is used up');
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setBigUint64(4, BigInt(this.#count++), true);
    return nonce;
  }
}
