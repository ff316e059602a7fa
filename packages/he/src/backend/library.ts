/**
 * What the rest of the package sees of a library for homomorphic encryption. Nothing here names an implementation;
 * `loadHeLibrary` in node-seal.ts gives the one there is.
 *
 * Everything is synchronous once the library is loaded. Bytes are the serialised form of Microsoft SEAL 4.1 without
 * compression (pack them with `packSeal` of the envelope: smaller than compression makes them, and exact). Bytes are
 * checked completely before native code sees them; compressed bytes are refused, because nobody knows how large they
 * get.
 *
 * Handles own native memory. Inside `context.scope(() => …)` they are freed when the scope ends; outside, call
 * `dispose`. Disposing a context frees everything that it made.
 */

export type SecurityBits = 128 | 192 | 256;

/** Approximate arithmetic on N/2 real numbers (CKKS). */
export interface CkksParameters {
  readonly scheme: 'ckks';
  /** N: a power of two, 1024 to 32768. */
  readonly ringDegree: number;
  /** Data primes, 1 modulo 2N, below 2^52, in SEAL's order: the last is dropped first by rescaling. */
  readonly primes: readonly number[];
  /** The prime that only key switching uses; at least as large as the data primes keeps its noise small. */
  readonly specialPrime: number;
  /** Refuse parameters that keep less than this (HomomorphicEncryption.org standard). Default 128. */
  readonly securityBits?: SecurityBits;
}

/** Exact arithmetic on polynomials with coefficients modulo t (BFV). */
export interface BfvParameters {
  readonly scheme: 'bfv';
  readonly ringDegree: number;
  /** t: a prime that is 1 modulo 2N, below 2^60; `nextPlainModulus` finds one. */
  readonly plainModulus: bigint;
  /** Bits (20 to 60) of each prime of the modulus, the key-switching prime last. Default: SEAL's choice for N. */
  readonly coefficientBits?: readonly number[];
  readonly securityBits?: SecurityBits;
}

export type HeParameters = CkksParameters | BfvParameters;

/** A handle to native memory. Disposing twice does nothing; using it after that throws `HE_DISPOSED`. */
export interface HeHandle {
  readonly disposed: boolean;
  dispose(): void;
  [Symbol.dispose](): void;
}

export interface Ciphertext extends HeHandle {
  readonly kind: 'ciphertext';
  /** Number of polynomials: 2, and one more for each product that is not relinearised yet. */
  readonly size: number;
  /** Number of data primes that it still has: its level. A fresh one has all of them. */
  readonly primeCount: number;
  /** CKKS: what encoded values are multiplied by. 1 in BFV. */
  readonly scale: number;
  readonly nttForm: boolean;
}

export interface Plaintext extends HeHandle {
  readonly kind: 'plaintext';
  /** CKKS, and BFV in NTT form: its level. Undefined for BFV coefficients, which fit every level. */
  readonly primeCount: number | undefined;
  readonly scale: number;
  readonly nttForm: boolean;
}

export interface SecretKey extends HeHandle {
  readonly kind: 'secret key';
}

export interface PublicKey extends HeHandle {
  readonly kind: 'public key';
}

export interface RelinearizationKey extends HeHandle {
  readonly kind: 'relinearization key';
}

export interface GaloisKeys extends HeHandle {
  readonly kind: 'Galois keys';
  /** Whether `rotate` by these steps (or, in BFV, `rotateColumns` for 0) has its key. */
  hasStep(step: number): boolean;
}

/** Collects the handles made while it is open, and frees them. Scopes nest; the innermost open one collects. */
export interface HeScope extends HeHandle {
  /** The handle outlives this scope: it goes to the scope around it, or to the caller. */
  keep<H extends HeHandle>(handle: H): H;
}

/** Parameters, set up. What both schemes can do. */
export interface HeContext extends HeHandle {
  readonly parameters: HeParameters;
  readonly ringDegree: number;
  /** Primes of the whole modulus, the key-switching prime last; one prime alone means that there is no key switching. */
  readonly moduli: readonly bigint[];
  /** Number of data primes: the level of a fresh ciphertext. */
  readonly levels: number;
  /** Bits of the whole modulus, which security depends on. */
  readonly modulusBits: number;
  /** Handles made here and not freed yet. */
  readonly liveHandles: number;
  /** SEAL's identifier (32 bytes, `parms_id`) of this modulus with `primeCount` data primes. */
  parametersId(primeCount: number): Uint8Array;
  /** SEAL's identifier of the whole modulus: that of keys. */
  readonly keyParametersId: Uint8Array;

  /**
   * Runs `body` and frees what it made, except the handles that it returns (one, or an array of them) or keeps. It
   * must not be asynchronous: `HE_ARGUMENT` if it returns a promise.
   */
  scope<T>(body: (scope: HeScope) => T): T;
  /** The same for `using scope = context.openScope()`. Closing one closes those inside. */
  openScope(): HeScope;

  generateSecretKey(): SecretKey;
  /** Uncompressed. Whoever has these bytes decrypts everything. */
  saveSecretKey(key: SecretKey): Uint8Array;
  loadSecretKey(bytes: Uint8Array): SecretKey;

  // Public keys leave in seeded form: half the size, because their random halves are a seed. They are loaded, or
  // expanded into the form without seeds, by whoever computes.
  generatePublicKey(secret: SecretKey): Uint8Array;
  loadPublicKey(bytes: Uint8Array): PublicKey;
  /** Key that makes products size 2 again. `HE_KEY` if the modulus has one prime only. */
  generateRelinearizationKey(secret: SecretKey): Uint8Array;
  loadRelinearizationKey(bytes: Uint8Array): RelinearizationKey;
  /**
   * One key for each step. CKKS: slot s of the rotated vector is slot s + step. BFV: the same in both rows; step 0 is
   * the exchange of the rows. Steps lie strictly between -N/2 and N/2.
   */
  generateGaloisKeys(secret: SecretKey, steps: readonly number[]): Uint8Array;
  loadGaloisKeys(bytes: Uint8Array): GaloisKeys;
  /** Seeded (or expanded) bytes to expanded ones; checks everything. Native memory: one digit of one key at a time. */
  expandRelinearizationKey(bytes: Uint8Array): Uint8Array;
  expandGaloisKeys(bytes: Uint8Array): Uint8Array;
  expandCiphertext(bytes: Uint8Array): Uint8Array;

  /** Encrypts with either key. The secret key gives less noise and is faster. */
  encrypt(key: SecretKey | PublicKey, plaintext: Plaintext): Ciphertext;
  /** Encrypts to seeded bytes, half the size of a ciphertext: for sending. */
  encryptSeeded(key: SecretKey, plaintext: Plaintext): Uint8Array;
  decrypt(key: SecretKey, ciphertext: Ciphertext): Plaintext;
  saveCiphertext(ciphertext: Ciphertext): Uint8Array;
  /** Seeded or expanded bytes. Throws `HE_FORMAT`, or `HE_FOREIGN` for other parameters. */
  loadCiphertext(bytes: Uint8Array): Ciphertext;

  // Results are new handles, except where a name says in place.
  negate(a: Ciphertext): Ciphertext;
  add(a: Ciphertext, b: Ciphertext): Ciphertext;
  addInPlace(a: Ciphertext, b: Ciphertext): void;
  sub(a: Ciphertext, b: Ciphertext): Ciphertext;
  addPlain(a: Ciphertext, b: Plaintext): Ciphertext;
  subPlain(a: Ciphertext, b: Plaintext): Ciphertext;
  /** By zero too: the result is then a zero that everybody can read, as it must be. */
  multiplyPlain(a: Ciphertext, b: Plaintext): Ciphertext;
  /** Size a + size b - 1 polynomials. */
  multiply(a: Ciphertext, b: Ciphertext): Ciphertext;
  square(a: Ciphertext): Ciphertext;
  /** Size 3 to size 2; size 2 is copied. */
  relinearize(a: Ciphertext, key: RelinearizationKey): Ciphertext;
  /** Drops primes without dividing the plaintext: noise shrinks (BFV), or a level is matched (CKKS). */
  modSwitch(a: Ciphertext, primeCount: number): Ciphertext;
  /** Rotates left by `step` (within each row in BFV). `HE_KEY` without the key for exactly this step. */
  rotate(a: Ciphertext, step: number, keys: GaloisKeys): Ciphertext;
}

export interface CkksContext extends HeContext {
  readonly parameters: CkksParameters;
  /** N/2. */
  readonly slotCount: number;
  /** At most `slotCount` finite values, the rest 0; at level `primeCount`, default all. `HE_SCALE` without room. */
  encode(values: Float64Array, scale: number, primeCount?: number): Plaintext;
  /** All slots. */
  decode(plaintext: Plaintext): Float64Array;
  /** Divides by the last prime and drops it: the scale shrinks by that prime. */
  rescale(a: Ciphertext): Ciphertext;
  /** Says what the scale is. Only where it is known to differ from the true one by rounding alone. */
  setScale(a: Ciphertext, scale: number): void;
  plainModSwitch(a: Plaintext, primeCount: number): Plaintext;
}

export interface BfvContext extends HeContext {
  readonly parameters: BfvParameters;
  /** N; as two rows of N/2 for rotations. */
  readonly slotCount: number;
  /** At most N values in (-t/2, t/2], the rest 0. */
  encodeBatch(values: BigInt64Array): Plaintext;
  decodeBatch(plaintext: Plaintext): BigInt64Array;
  /** Polynomial with these coefficients, lowest first, at most N, reduced modulo t. */
  encodePolynomial(coefficients: BigInt64Array): Plaintext;
  /** All N coefficients, in (-t/2, t/2]. */
  decodePolynomial(plaintext: Plaintext): BigInt64Array;
  /** Exchanges the two rows. */
  rotateColumns(a: Ciphertext, keys: GaloisKeys): Ciphertext;
  /** a to the power 1, 2, 3, …, relinearised; depth ceil(log2 exponent). */
  exponentiate(a: Ciphertext, exponent: number, key: RelinearizationKey): Ciphertext;
  /** Sums of plain products are about six times faster in NTT form. Ciphertexts must come back before anything else. */
  toNtt(a: Ciphertext): Ciphertext;
  fromNtt(a: Ciphertext): Ciphertext;
  plainToNtt(a: Plaintext, primeCount: number): Plaintext;
  /** Bits of noise that still fit; 0: decryption gives garbage. Never tell the number to who sent the ciphertext. */
  invariantNoiseBudget(key: SecretKey, a: Ciphertext): number;
}

export interface HeLibrary {
  readonly name: string;
  readonly version: string;
  /**
   * Failures inside native code so far. They are bugs (arguments are checked before), each costs memory that never
   * comes back, and after `maxNativeFailures` the library refuses to work on: end the thread or process.
   */
  readonly nativeFailures: number;
  readonly maxNativeFailures: number;
  /** Bits that the whole modulus may have; 0 for a ring degree that is not in the standard. */
  maxModulusBits(ringDegree: number, securityBits?: SecurityBits): number;
  /** Throws `HE_PARAMETERS` and says why. */
  createContext(parameters: CkksParameters): CkksContext;
  createContext(parameters: BfvParameters): BfvContext;
}
