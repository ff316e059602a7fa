// SEAL as the other side: keys, encryption, decryption, and its own evaluator to compare with.
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { CipherText } from 'node-seal/implementation/cipher-text.js';
import type { SEALLibrary } from 'node-seal/implementation/seal.js';
import { type Ciphertext, type EvaluationKeys, Evaluator, type EvaluatorOptions } from '../src/index.js';

const load = createRequire(import.meta.url)('node-seal') as () => Promise<SEALLibrary>;

let library: Promise<SEALLibrary> | undefined;

/** A key owner and an evaluator with the same parameters. */
export interface World {
  readonly slots: number;
  readonly evaluator: Evaluator;
  readonly keys: EvaluationKeys;
  readonly keyBytes: { relinearization: Uint8Array; galois: Uint8Array };
  /** An evaluator more, of the same parameters. */
  evaluatorWith(options: EvaluatorOptions): Promise<Evaluator>;
  encryptBytes(values: Float64Array, scale: number): Uint8Array;
  encrypt(values: Float64Array, scale: number): Ciphertext;
  decrypt(ciphertext: Ciphertext): Float64Array;
  /** Runs something on SEAL's evaluator and returns the bytes of what it made. */
  seal(
    bytes: readonly Uint8Array[],
    body: (tools: SealTools, operands: CipherText[]) => CipherText,
  ): Uint8Array;
}

export interface SealTools {
  readonly evaluator: ReturnType<SEALLibrary['Evaluator']>;
  readonly relinKeys: ReturnType<ReturnType<SEALLibrary['KeyGenerator']>['createRelinKeys']>;
  readonly galoisKeys: ReturnType<ReturnType<SEALLibrary['KeyGenerator']>['createGaloisKeys']>;
}

/** bits: of the data primes, then of the special prime. Security is not asked for: rings are small here. */
export async function createWorld(ringDegree: number, bits: number[], steps: number[]): Promise<World> {
  library ??= load();
  const seal = await library;
  const parameters = seal.EncryptionParameters(seal.SchemeType.ckks);
  parameters.setPolyModulusDegree(ringDegree);
  parameters.setCoeffModulus(seal.CoeffModulus.Create(ringDegree, Int32Array.from(bits)));
  const context = seal.Context(parameters, true, seal.SecurityLevel.none);
  const primes = Array.from(context.keyContextData.parms.coeffModulus, Number);
  const none = seal.ComprModeType.none;
  const generator = seal.KeyGenerator(context);
  const relinKeys = generator.createRelinKeys();
  const galoisKeys = generator.createGaloisKeys(Int32Array.from(steps));
  const encryptor = seal.Encryptor(context, generator.createPublicKey(), generator.secretKey());
  const decryptor = seal.Decryptor(context, generator.secretKey());
  const encoder = seal.CKKSEncoder(context);
  const tools = { evaluator: seal.Evaluator(context), relinKeys, galoisKeys };
  const data = { ringDegree, primes: primes.slice(0, -1), specialPrime: primes[primes.length - 1] };
  const evaluator = await Evaluator.create(data);
  const keyBytes = { relinearization: relinKeys.saveArray(none), galois: galoisKeys.saveArray(none) };

  const encryptBytes = (values: Float64Array, scale: number) => {
    const plain = seal.PlainText();
    encoder.encode(values, scale, plain);
    const cipher = seal.CipherText();
    encryptor.encrypt(plain, cipher);
    const bytes = cipher.saveArray(none);
    plain.delete();
    cipher.delete();
    return bytes;
  };
  const loaded = (bytes: Uint8Array) => {
    const cipher = seal.CipherText();
    cipher.loadArray(context, bytes);
    return cipher;
  };
  return {
    slots: ringDegree / 2,
    evaluator,
    keys: evaluator.importKeys(keyBytes),
    keyBytes,
    evaluatorWith: (options) => Evaluator.create(data, options),
    encryptBytes,
    encrypt: (values, scale) => evaluator.importCiphertext(encryptBytes(values, scale)),
    decrypt: (ciphertext) => {
      const cipher = loaded(evaluator.exportCiphertext(ciphertext));
      const plain = seal.PlainText();
      decryptor.decrypt(cipher, plain);
      const values = Float64Array.from(encoder.decode(plain));
      plain.delete();
      cipher.delete();
      return values;
    },
    seal: (bytes, body) => {
      const operands = bytes.map(loaded);
      const result = body(tools, operands);
      const out = result.saveArray(none);
      for (const cipher of operands) cipher.delete();
      result.delete();
      return out;
    },
  };
}

/** Reproducible numbers in [-1, 1). */
export function numbers(seed: number, count: number): Float64Array {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Largest difference over the first wanted.length values. */
export function largestError(values: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) largest = Math.max(largest, Math.abs(values[i] - wanted[i]));
  return largest;
}

export function expectClose(values: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(largestError(values, wanted)).to.be.below(tolerance);
}

/** values[(s + step) mod length]. */
export function rotated(values: Float64Array, step: number): Float64Array {
  const n = values.length;
  return values.map((_, s) => values[(((s + step) % n) + n) % n]);
}

export function expectSameBytes(actual: Uint8Array, wanted: Uint8Array): void {
  expect(actual.length).to.equal(wanted.length);
  expect(Buffer.compare(actual, wanted), 'the bytes differ').to.equal(0);
}

/** Expects a synchronous call to throw an error with this code; returns the message. */
export function expectCode(code: string, body: () => unknown): string {
  try {
    body();
  } catch (error) {
    expect((error as { code?: string }).code, String(error)).to.equal(code);
    return (error as Error).message;
  }
  throw new Error(`nothing was thrown, expected ${code}`);
}
