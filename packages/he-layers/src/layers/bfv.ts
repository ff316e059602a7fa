/** BFV with fractional encoding: one ciphertext for each value of one image, as in PyCrCNN. */
import {
  type BfvContext,
  type BfvParameters,
  type HeLibrary,
  loadHeLibrary,
  type PublicKey,
  type RelinearizationKey,
  type SecretKey,
} from '@tacit/he/backend';
import type { EvaluationKeyBytes, KeyHolder } from './arithmetic.js';
import { BfvArithmetic } from './bfv-arithmetic.js';
import { HeLayerError } from './errors.js';
import { FractionalCode, type FractionalOptions } from './fractional-code.js';

export interface BfvLayerParameters extends Omit<BfvParameters, 'scheme'>, FractionalOptions {
  readonly scheme: 'bfv';
}

/** The client's side. */
export class BfvKeyHolder implements KeyHolder {
  readonly scheme = 'bfv';
  readonly maxImages = 1;
  private readonly code: FractionalCode;

  private constructor(
    private readonly context: BfvContext,
    private readonly secret: SecretKey,
    parameters: BfvLayerParameters,
  ) {
    this.code = new FractionalCode(parameters.ringDegree, parameters);
  }

  /**
   * Sets the parameters up, and makes or loads the secret key.
   * @param parameters as the server has them
   * @param secretKey bytes of a secret key; default: a new one. Throws HeParametersError.
   * @returns the holder of the key
   * @throws HeParametersError for parameters that are not possible or not secure
   */
  static async create(parameters: BfvLayerParameters, secretKey?: Uint8Array): Promise<BfvKeyHolder> {
    const context = createContext(await loadHeLibrary(), parameters);
    try {
      const secret = secretKey === undefined ? context.generateSecretKey() : context.loadSecretKey(secretKey);
      return new BfvKeyHolder(context, secret, parameters);
    } catch (error) {
      context.dispose();
      throw error;
    }
  }

  evaluationKeys(): EvaluationKeyBytes {
    const { context, secret } = this;
    return {
      relinearization:
        context.moduli.length > 1
          ? context.expandRelinearizationKey(context.generateRelinearizationKey(secret))
          : undefined,
      publicKey: context.generatePublicKey(secret),
    };
  }

  /** @throws HeLayerError for more or less than one value */
  encrypt(values: ArrayLike<number>): Uint8Array {
    if (values.length !== 1)
      throw new HeLayerError(`A ciphertext holds one value here, not ${values.length}.`);
    return this.encryptPolynomial(this.code.encode(values[0]));
  }

  decrypt(ciphertext: Uint8Array): Float64Array {
    return Float64Array.of(this.code.decode(this.decryptPolynomial(ciphertext)));
  }

  noiseBudget(ciphertext: Uint8Array): number {
    return this.context.scope(() =>
      this.context.invariantNoiseBudget(this.secret, this.context.loadCiphertext(ciphertext)),
    );
  }

  reencrypt(ciphertext: Uint8Array): Uint8Array {
    return this.encryptPolynomial(this.decryptPolynomial(ciphertext));
  }

  dispose(): void {
    this.context.dispose();
  }

  private encryptPolynomial(coefficients: BigInt64Array): Uint8Array {
    const { context, secret } = this;
    return context.scope(() =>
      context.saveCiphertext(context.encrypt(secret, context.encodePolynomial(coefficients))),
    );
  }

  private decryptPolynomial(ciphertext: Uint8Array): BigInt64Array {
    const { context, secret } = this;
    return context.scope(() =>
      context.decodePolynomial(context.decrypt(secret, context.loadCiphertext(ciphertext))),
    );
  }
}

/**
 * The server's side: reads the client's keys, all of them checked.
 * @param parameters as the client has them
 * @param keys the client's, from anybody
 * @returns what layers compute with
 * @throws HeParametersError for the parameters; HeFormatError, HeForeignError for the keys
 */
export async function createBfvArithmetic(
  parameters: BfvLayerParameters,
  keys: EvaluationKeyBytes,
): Promise<BfvArithmetic> {
  const context = createContext(await loadHeLibrary(), parameters);
  try {
    const publicKey: PublicKey = context.loadPublicKey(keys.publicKey);
    const relinearization: RelinearizationKey | undefined =
      keys.relinearization === undefined ? undefined : context.loadRelinearizationKey(keys.relinearization);
    const code = new FractionalCode(parameters.ringDegree, parameters);
    return new BfvArithmetic(context, code, publicKey, relinearization);
  } catch (error) {
    context.dispose();
    throw error;
  }
}

function createContext(library: HeLibrary, parameters: BfvLayerParameters): BfvContext {
  const { ringDegree, plainModulus, coefficientBits, securityBits } = parameters;
  return library.createContext({ scheme: 'bfv', ringDegree, plainModulus, coefficientBits, securityBits });
}
