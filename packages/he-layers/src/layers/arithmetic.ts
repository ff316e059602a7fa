/**
 * What layers need of a scheme, on the side that holds no secret key (`Arithmetic`) and on the side that does
 * (`KeyHolder`). One ciphertext holds one element of a tensor: for a whole batch of images in CKKS (one image a slot),
 * for one image in BFV (a polynomial a value).
 *
 * Elements that are publicly known (padding, rows without weights) stay numbers: nothing is encrypted for them, and no
 * product with zero ever happens.
 */

import type { Interval } from '@tacit/he/network';
import type { AffineMap } from './affine-map.js';
import type { PolynomialForm } from './polynomial-form.js';

/** An encrypted element, or a public one. */
export type Element<C extends object> = C | number;

/** How many operations were done. `keySwitches` counts relinearisations. */
export interface OperationCounts {
  plainProducts: number;
  additions: number;
  plainAdditions: number;
  products: number;
  keySwitches: number;
  rescalings: number;
}

export const noOperations = (): OperationCounts => ({
  plainProducts: 0,
  additions: 0,
  plainAdditions: 0,
  products: 0,
  keySwitches: 0,
  rescalings: 0,
});

/** What everybody can see of a ciphertext. */
export interface CiphertextState {
  /** Data primes that are left. */
  readonly level: number;
  readonly scale: number;
  /** Bytes of its residues as they are kept. */
  readonly bytes: number;
  /** BFV: bits of noise that surely still fit, as far as the arithmetic can tell without a key. */
  readonly modelledNoiseBudget?: number;
}

/** How a value is hidden before it is sent to the holder of the key. See `Reencrypt`. */
export interface BlindingRequest {
  /** Largest absolute value that the element can have. */
  readonly bound: number;
  /** Elements that are sent in this round trip: their chances to be seen add up. */
  readonly elements: number;
  /** The client's view tells any two tensors in range apart with an advantage of at most 2^-statisticalBits. */
  readonly statisticalBits: number;
}

/** A ciphertext on its way to the holder of the key. */
export interface Blinded<C extends object> {
  readonly bytes: Uint8Array;
  /** Takes the mask off what came back. Throws HeReencryptionError if that is no fresh encryption. */
  unblind(fresh: Uint8Array): C;
}

export interface Arithmetic<C extends object> {
  readonly scheme: 'bfv' | 'ckks';
  readonly ringDegree: number;
  /** Bits of the modulus, special prime included. */
  readonly modulusBits: number;
  /** Images that one tensor can hold. */
  readonly maxImages: number;
  /** Operations so far. */
  readonly counts: OperationCounts;

  /** Every element of the result is new. `layer` is for messages. */
  affine(x: readonly Element<C>[], map: AffineMap, range: Ranges, layer: string): Element<C>[];
  polynomial(x: readonly Element<C>[], form: PolynomialForm, range: Ranges, layer: string): Element<C>[];

  stateOf(ciphertext: C): CiphertextState;
  /** SEAL's bytes, expanded. */
  exportCiphertext(ciphertext: C): Uint8Array;
  /** Expanded bytes; checks all of them. */
  importCiphertext(bytes: Uint8Array): C;
  /** Throws HeReencryptionError if there is no room for the mask. */
  blind(ciphertext: C, request: BlindingRequest): Blinded<C>;
  /** Whether blinding is possible for ciphertexts like this one; says why not. */
  blindingObstacle(ciphertext: C, request: BlindingRequest): string | undefined;
  free(ciphertext: C): void;
  /** Frees the encoded weights that are kept for the next time. */
  forgetWeights(): void;
  /** Frees everything. */
  dispose(): void;
}

/** Bounds of a layer's input and output. */
export interface Ranges {
  readonly input: Interval;
  readonly output: Interval;
}

/** What the client gives to the server: no secret in it. All in SEAL's expanded form. */
export interface EvaluationKeyBytes {
  /** For products. Absent where the modulus has one prime only. */
  readonly relinearization?: Uint8Array;
  /** For re-encryptions: the server makes fresh encryptions of zero with it. */
  readonly publicKey: Uint8Array;
}

/** The client's side: the secret key. */
export interface KeyHolder {
  readonly scheme: 'bfv' | 'ckks';
  readonly maxImages: number;
  /** What the server needs to compute; made anew at each call. */
  evaluationKeys(): EvaluationKeyBytes;
  /** One element of a tensor: its value in every image. Expanded bytes. */
  encrypt(values: ArrayLike<number>): Uint8Array;
  /** Values of all images. */
  decrypt(ciphertext: Uint8Array): Float64Array;
  /** BFV: bits of noise that still fit. Must never be told to who sent the ciphertext. */
  noiseBudget(ciphertext: Uint8Array): number | undefined;
  /** The same plaintext polynomial, exactly, in a fresh ciphertext with the whole modulus. */
  reencrypt(ciphertext: Uint8Array): Uint8Array;
  /** Forgets the key, and frees native memory. */
  dispose(): void;
}
