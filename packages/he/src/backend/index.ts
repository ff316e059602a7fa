/** The library for homomorphic encryption: its interface and how to load it. */
export type {
  BfvContext,
  BfvParameters,
  Ciphertext,
  CkksContext,
  CkksParameters,
  GaloisKeys,
  HeContext,
  HeHandle,
  HeLibrary,
  HeParameters,
  HeScope,
  Plaintext,
  PublicKey,
  RelinearizationKey,
  SecretKey,
  SecurityBits,
} from './library.js';
export { loadHeLibrary } from './node-seal.js';
export { findPrimes, nextPlainModulus } from './primes.js';
export {
  type CiphertextLayout,
  PLAINTEXT_HEADER_BYTES,
  readCiphertext,
  type SealShape,
} from './seal-format.js';
