/**
 * What Noise is made of: a cipher, X25519 and SHA-256. The portable ones run everywhere; what a runtime has in native code
 * does the same in a fraction of the time, above all in a process that has just begun, where nothing is compiled yet.
 */
import { x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Aead } from './aead.js';

/** X25519 (RFC 7748). Keys and results have 32 bytes. */
export interface Curve {
  publicKey(secretKey: Uint8Array): Uint8Array;
  /** Throws for a public key of small order. */
  sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}

/** SHA-256, and HKDF with it (RFC 5869). */
export interface Hash {
  sha256(data: Uint8Array): Uint8Array;
  /** Without info. */
  hkdf(material: Uint8Array, salt: Uint8Array, length: number): Uint8Array;
}

/** All of them, at once. */
export interface Primitives extends Aead, Curve, Hash {}

export const portableCurve: Curve = {
  publicKey: (secretKey) => x25519.getPublicKey(secretKey),
  sharedSecret: (secretKey, publicKey) => x25519.getSharedSecret(secretKey, publicKey),
};

export const portableHash: Hash = {
  sha256: (data) => sha256(data),
  hkdf: (material, salt, length) => hkdf(sha256, material, salt, new Uint8Array(0), length),
};
