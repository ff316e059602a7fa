/**
 * Encrypted numbers, one a ciphertext: BFV with the integer and fractional encodings of SEAL 2 and Pyfhel. For learning
 * and for small computations; networks are faster in CKKS, and in BFV with slots.
 *
 *     const bfv = await Bfv.create({ plainModulus: 65537n, ringDegree: 4096 });
 *     const a = bfv.encryptFraction(127.15717263), b = bfv.encryptFraction(-2.128965182);
 *     bfv.decryptFraction(bfv.multiply(a, b)); // -270.7131931...
 *
 * Products are exact as long as the noise budget lasts, no coefficient leaves (-t/2, t/2], and integer and fractional
 * digits, whose numbers add up in each product, do not meet. Only the first of these can be seen, and is.
 */

import { HeArgumentError, HeKeyError, HeNoiseError } from '@tacit/he';
import {
  type BfvContext,
  type Ciphertext,
  loadHeLibrary,
  type Plaintext,
  type RelinearizationKey,
  type SecretKey,
  type SecurityBits,
} from '@tacit/he/backend';
import { FractionalCode } from '../layers/fractional-code.js';
import { decodeInteger, encodeInteger } from './integer-code.js';
import {
  type MultiplicationDepth,
  type MultiplicationDepthOptions,
  measureMultiplicationDepth,
} from './multiplication-depth.js';

export interface BfvOptions {
  /** t: a prime that is 1 modulo 2 · ringDegree (`nextPlainModulus` finds one). Default 65537, which suits all rings. */
  readonly plainModulus?: bigint;
  /** N. Default 4096. Larger: more products, but slower. */
  readonly ringDegree?: number;
  /** Base of the digits, from 2. Default 2: the smallest coefficients. */
  readonly base?: number;
  /** Digits before the point. Default 64. */
  readonly integerDigits?: number;
  /** Digits after the point. Default 32. */
  readonly fractionDigits?: number;
  /** Bits of the primes of the modulus. Default: SEAL's choice. */
  readonly coefficientBits?: readonly number[];
  readonly securityBits?: SecurityBits;
  /** Bytes of `context.saveSecretKey`. Default: a new key. */
  readonly secretKey?: Uint8Array;
}

/** What a ciphertext is combined with: another one, an encoded number, or a number that is then encoded as a fraction. */
export type Operand = Ciphertext | Plaintext | number;

export interface DecryptOptions {
  /** Return what comes out even when the noise budget is used up, and it means nothing. Default false. */
  readonly evenIfNoisy?: boolean;
}

export class Bfv {
  private readonly fractions: FractionalCode;
  private relinearizationKey: RelinearizationKey | undefined;

  private constructor(
    /** The context underneath: scopes, slots, bytes of keys and ciphertexts. */
    readonly context: BfvContext,
    readonly secretKey: SecretKey,
    { base, integerDigits, fractionDigits }: BfvOptions,
  ) {
    this.fractions = new FractionalCode(context.ringDegree, {
      base,
      integerDigits,
      fractionalDigits: fractionDigits,
    });
  }

  /**
   * Parameters and a secret key.
   * @param options ring, plain modulus, digits; a secret key that was saved
   * @returns numbers under one key, which stays here
   * @throws HeParametersError where the parameters do not fit, or are not secure
   */
  static async create(options: BfvOptions = {}): Promise<Bfv> {
    const { plainModulus = 65537n, ringDegree = 4096, coefficientBits, securityBits, secretKey } = options;
    const library = await loadHeLibrary();
    const context = library.createContext({
      scheme: 'bfv',
      ringDegree,
      plainModulus,
      coefficientBits,
      securityBits,
    });
    try {
      const secret = secretKey === undefined ? context.generateSecretKey() : context.loadSecretKey(secretKey);
      return new Bfv(context, secret, options);
    } catch (error) {
      context.dispose();
      throw error;
    }
  }

  /** From now on products are relinearised: they stay at two polynomials, and powers work. */
  generateRelinearizationKey(): void {
    const key = this.context.scope(() =>
      this.context.loadRelinearizationKey(this.context.generateRelinearizationKey(this.secretKey)),
    );
    this.relinearizationKey?.dispose();
    this.relinearizationKey = key;
  }

  /**
   * A real number as digits of a polynomial.
   * @param value rounded to a multiple of base^-fractionDigits
   * @returns a plaintext, for products and sums
   */
  encodeFraction(value: number): Plaintext {
    return this.context.encodePolynomial(this.fractions.encode(value));
  }

  /**
   * What `encodeFraction` encoded.
   * @param plaintext digits on both sides of the point
   * @returns the number that they make
   */
  decodeFraction(plaintext: Plaintext): number {
    return this.fractions.decode(this.context.decodePolynomial(plaintext));
  }

  /**
   * Encodes and encrypts.
   * @param value a real number
   * @returns a fresh ciphertext
   */
  encryptFraction(value: number): Ciphertext {
    return this.encrypt(() => this.encodeFraction(value));
  }

  /**
   * Decrypts and decodes.
   * @param ciphertext of this key
   * @param options whether noise is an error
   * @returns the number
   * @throws HeNoiseError where the noise budget is used up
   */
  decryptFraction(ciphertext: Ciphertext, options?: DecryptOptions): number {
    return this.decrypt(ciphertext, (plaintext) => this.decodeFraction(plaintext), options);
  }

  /**
   * An integer as digits of a polynomial.
   * @param value any sign
   * @returns a plaintext, for products and sums
   * @throws HeArgumentError for more than `integerDigits` digits
   */
  encodeInteger(value: bigint): Plaintext {
    const { base, integerDigits } = this.fractions;
    return this.context.encodePolynomial(encodeInteger(value, base, integerDigits));
  }

  /**
   * What `encodeInteger` encoded.
   * @param plaintext digits, lowest first
   * @returns the number that they make
   */
  decodeInteger(plaintext: Plaintext): bigint {
    return decodeInteger(this.context.decodePolynomial(plaintext), this.fractions.base);
  }

  /**
   * Encodes and encrypts.
   * @param value an integer of at most `integerDigits` digits
   * @returns a fresh ciphertext
   */
  encryptInteger(value: bigint): Ciphertext {
    return this.encrypt(() => this.encodeInteger(value));
  }

  /**
   * Decrypts and decodes.
   * @param ciphertext of this key
   * @param options whether noise is an error
   * @returns the number
   * @throws HeNoiseError where the noise budget is used up
   */
  decryptInteger(ciphertext: Ciphertext, options?: DecryptOptions): bigint {
    return this.decrypt(ciphertext, (plaintext) => this.decodeInteger(plaintext), options);
  }

  /**
   * a + b; costs hardly any noise budget.
   * @param a first summand
   * @param b second summand
   * @returns a new ciphertext
   */
  add(a: Ciphertext, b: Operand): Ciphertext {
    return this.combine(
      b,
      (ciphertext) => this.context.add(a, ciphertext),
      (plaintext) => this.context.addPlain(a, plaintext),
    );
  }

  /**
   * a - b; costs hardly any noise budget.
   * @param a minuend
   * @param b subtrahend
   * @returns a new ciphertext
   */
  sub(a: Ciphertext, b: Operand): Ciphertext {
    return this.combine(
      b,
      (ciphertext) => this.context.sub(a, ciphertext),
      (plaintext) => this.context.subPlain(a, plaintext),
    );
  }

  /**
   * With a plaintext this costs hardly any noise budget; with a ciphertext it costs most of it.
   * @param a first factor
   * @param b second factor
   * @returns a new ciphertext
   */
  multiply(a: Ciphertext, b: Operand): Ciphertext {
    return this.combine(
      b,
      (ciphertext) => this.relinearized(() => this.context.multiply(a, ciphertext)),
      (plaintext) => this.context.multiplyPlain(a, plaintext),
    );
  }

  /**
   * a * a; costs as much noise budget as a product, and less time.
   * @param a factor
   * @returns a new ciphertext
   */
  square(a: Ciphertext): Ciphertext {
    return this.relinearized(() => this.context.square(a));
  }

  /**
   * -a, without noise.
   * @param a any number
   * @returns a new ciphertext
   */
  negate(a: Ciphertext): Ciphertext {
    return this.context.negate(a);
  }

  /**
   * a to the power 1, 2, 3, …; depth ceil(log2 exponent).
   * @param a base
   * @param exponent a whole number from 1
   * @returns a new ciphertext
   * @throws HeKeyError without a relinearisation key
   */
  power(a: Ciphertext, exponent: number): Ciphertext {
    if (this.relinearizationKey === undefined)
      throw new HeKeyError('powers need a relinearisation key: call generateRelinearizationKey before');
    return this.context.exponentiate(a, exponent, this.relinearizationKey);
  }

  /**
   * Bits of noise that still fit: the invariant noise budget. 0: decryption gives garbage.
   * @param ciphertext of this key
   * @returns bits; never tell them to who sent the ciphertext
   */
  noiseLevel(ciphertext: Ciphertext): number {
    return this.context.invariantNoiseBudget(this.secretKey, ciphertext);
  }

  /**
   * Multiplies until the result is wrong. Each step costs a product and two decryptions.
   * @param options factors, and when to stop
   * @returns how many products were right, and each step
   */
  multiplicationDepth(options?: MultiplicationDepthOptions): MultiplicationDepth {
    return measureMultiplicationDepth(this, options);
  }

  /** Frees the keys and every number made here. */
  dispose(): void {
    this.context.dispose();
  }

  /** Calls `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  private encrypt(encode: () => Plaintext): Ciphertext {
    return this.context.scope(() => this.context.encrypt(this.secretKey, encode()));
  }

  private decrypt<T>(
    ciphertext: Ciphertext,
    decode: (plaintext: Plaintext) => T,
    { evenIfNoisy = false }: DecryptOptions = {},
  ): T {
    if (!evenIfNoisy && this.noiseLevel(ciphertext) === 0)
      throw new HeNoiseError(
        'the noise budget of this ciphertext is used up: multiply less often, or take a larger ring or a smaller ' +
          'plain modulus',
      );
    return this.context.scope(() => decode(this.context.decrypt(this.secretKey, ciphertext)));
  }

  private relinearized(product: () => Ciphertext): Ciphertext {
    const key = this.relinearizationKey;
    if (key === undefined) return product();
    return this.context.scope(() => this.context.relinearize(product(), key));
  }

  private combine(
    operand: Operand,
    withCiphertext: (b: Ciphertext) => Ciphertext,
    withPlaintext: (b: Plaintext) => Ciphertext,
  ): Ciphertext {
    if (typeof operand === 'number')
      return this.context.scope(() => withPlaintext(this.encodeFraction(operand)));
    if (operand?.kind === 'ciphertext') return withCiphertext(operand);
    if (operand?.kind === 'plaintext') return withPlaintext(operand);
    throw new HeArgumentError('numbers are combined with ciphertexts, plaintexts and numbers');
  }
}
