/** The handles of the SEAL backend. */
import { Handle, type HandlePool, type NativeObject } from './handles.js';
import type {
  Ciphertext,
  GaloisKeys,
  Plaintext,
  PublicKey,
  RelinearizationKey,
  SecretKey,
} from './library.js';
import type { Seal } from './seal-module.js';

export type NativeCiphertext = ReturnType<Seal['CipherText']>;
export type NativePlaintext = ReturnType<Seal['PlainText']>;
export type NativeSecretKey = ReturnType<Seal['SecretKey']>;
export type NativePublicKey = ReturnType<Seal['PublicKey']>;
export type NativeRelinKeys = ReturnType<Seal['RelinKeys']>;
export type NativeGaloisKeys = ReturnType<Seal['GaloisKeys']>;
export type NativeEncryptor = ReturnType<Seal['Encryptor']>;
export type NativeDecryptor = ReturnType<Seal['Decryptor']>;
export type NativeKeyGenerator = ReturnType<Seal['KeyGenerator']>;

export class SealCiphertext extends Handle<NativeCiphertext> implements Ciphertext {
  readonly kind = 'ciphertext';
  get size(): number {
    return this.native.size;
  }
  get primeCount(): number {
    return this.native.coeffModulusSize;
  }
  get scale(): number {
    return this.native.scale;
  }
  get nttForm(): boolean {
    return this.native.isNttForm;
  }
}

export class SealPlaintext extends Handle<NativePlaintext> implements Plaintext {
  readonly kind = 'plaintext';
  constructor(
    pool: HandlePool,
    native: NativePlaintext,
    private readonly ringDegree: number,
  ) {
    super(pool, native);
  }
  get primeCount(): number | undefined {
    return this.nttForm ? this.native.coeffCount / this.ringDegree : undefined;
  }
  get scale(): number {
    return this.native.scale;
  }
  get nttForm(): boolean {
    return this.native.isNttForm;
  }
}

/** What a secret key needs to work, made when it is needed first. */
export interface SecretKeyTools {
  encryptor(): NativeEncryptor;
  decryptor(): NativeDecryptor;
  generator(): NativeKeyGenerator;
}

export class SealSecretKey extends Handle<NativeSecretKey> implements SecretKey {
  readonly kind = 'secret key';
  constructor(
    pool: HandlePool,
    native: NativeSecretKey,
    readonly tools: SecretKeyTools,
    dependents: NativeObject[],
  ) {
    super(pool, native, dependents);
  }
}

export class SealPublicKey extends Handle<NativePublicKey> implements PublicKey {
  readonly kind = 'public key';
  constructor(
    pool: HandlePool,
    native: NativePublicKey,
    readonly encryptor: () => NativeEncryptor,
    dependents: NativeObject[],
  ) {
    super(pool, native, dependents);
  }
}

export class SealRelinearizationKey extends Handle<NativeRelinKeys> implements RelinearizationKey {
  readonly kind = 'relinearization key';
}

export class SealGaloisKeys extends Handle<NativeGaloisKeys> implements GaloisKeys {
  readonly kind = 'Galois keys';
  constructor(
    pool: HandlePool,
    native: NativeGaloisKeys,
    private readonly ringDegree: number,
    private readonly entries: ReadonlySet<number>,
  ) {
    super(pool, native);
  }
  hasStep(step: number): boolean {
    return isStep(step, this.ringDegree) && this.entries.has((galoisElement(step, this.ringDegree) - 1) / 2);
  }
}

export function isStep(step: number, ringDegree: number): boolean {
  return Number.isInteger(step) && Math.abs(step) < ringDegree / 2;
}

/** g with: x -> x^g rotates the slots left by `step`; 0 stands for the exchange of rows (conjugation), g = 2N - 1. */
export function galoisElement(step: number, ringDegree: number): number {
  if (step === 0) return 2 * ringDegree - 1;
  const mask = 2 * ringDegree - 1;
  let element = 1;
  for (let i = (step + ringDegree / 2) % (ringDegree / 2); i > 0; i--) element = (element * 3) & mask;
  return element;
}
