/**
 * AES-256-GCM, the cipher of all links, and how Noise numbers its messages (section 12.4: 32 zero bits, then the count as
 * a big-endian 64-bit number).
 *
 * Handshakes seal some dozens of bytes, at once, so any implementation will do. Records are many and large: they go
 * through WebCrypto, which browsers and Node.js have in native code, or through what the runtime offers at once
 * (`node-primitives.ts`). A cipher in TypeScript would be some hundred times as slow.
 */
import { gcm } from '@noble/ciphers/aes.js';

export const KEY_BYTES = 32;
export const TAG_BYTES = 16;

/** AES-256-GCM that answers at once. */
export interface Aead {
  /** @returns ciphertext and tag */
  seal(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Throws if the tag is not right. */
  open(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array;
}

/** A cipher of the framework: its name there, how it takes nonces, and what computes it. */
export interface Cipher extends Aead {
  readonly name: string;
  nonce(count: number): Uint8Array<ArrayBuffer>;
}

/**
 * The cipher of all links.
 * @param aead what computes it
 * @returns as handshakes take it
 */
export const aesGcm = (aead: Aead = portableAead): Cipher => ({ ...aead, name: 'AESGCM', nonce: nonceOf });

/** The one that runs everywhere, for handshakes. */
export const portableAead: Aead = {
  seal: (key, nonce, ad, plaintext) => gcm(key, nonce, ad).encrypt(plaintext),
  open: (key, nonce, ad, sealed) => gcm(key, nonce, ad).decrypt(sealed),
};

/** 2^53 messages of 64 KiB are not sent in the life of a process; beyond, numbers would repeat. */
function nonceOf(count: number): Uint8Array<ArrayBuffer> {
  if (count >= Number.MAX_SAFE_INTEGER) throw new Error('a key is used up');
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, BigInt(count));
  return nonce;
}
