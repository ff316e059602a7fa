/**
 * The CipherState of the Noise Protocol Framework, revision 34, section 5.1: a cipher under one key, with a nonce that
 * counts. For handshakes; `records.ts` is the same for what follows.
 */
import type { Cipher } from './aead.js';

export class CipherState {
  readonly #cipher: Cipher;
  #key: Uint8Array | undefined;
  #count = 0;

  constructor(cipher: Cipher) {
    this.#cipher = cipher;
  }

  /** InitializeKey */
  setKey(key: Uint8Array): void {
    this.#key = key;
    this.#count = 0;
  }

  /** EncryptWithAd: the plaintext itself as long as there is no key. */
  seal(plaintext: Uint8Array, ad: Uint8Array): Uint8Array {
    return this.#key ? this.#cipher.seal(this.#key, this.#nonce(), ad, plaintext) : plaintext;
  }

  /** DecryptWithAd. Throws if the message is not the next one of the other end. */
  open(sealed: Uint8Array, ad: Uint8Array): Uint8Array {
    return this.#key ? this.#cipher.open(this.#key, this.#nonce(), ad, sealed) : sealed;
  }

  #nonce(): Uint8Array {
    return this.#cipher.nonce(this.#count++);
  }
}
