/** CKKS: one ciphertext for each element of a tensor, one image of a batch a slot. */

import { HeParametersError } from '@tacit/he';
import {
  type CkksContext,
  type CkksParameters,
  loadHeLibrary,
  PLAINTEXT_HEADER_BYTES,
  readCiphertext,
  type SealShape,
  type SecretKey,
} from '@tacit/he/backend';
import { Evaluator, multiplyModulo as multiply, RowTransforms } from '@tacit/rlwe';
import type { EvaluationKeyBytes, KeyHolder } from './arithmetic.js';
import { CkksArithmetic } from './ckks-arithmetic.js';
import type { CkksLayerParameters } from './ckks-parameters.js';
import { HeReencryptionError } from './errors.js';
import { liftCentred } from './lift.js';
import { addNumbers, numbersAt } from './residue-edit.js';

/** The client's side. */
export class CkksKeyHolder implements KeyHolder {
  readonly scheme = 'ckks';
  readonly maxImages: number;
  private readonly shape: SealShape;
  private secretResidues: Float64Array[] | undefined;

  private constructor(
    private readonly context: CkksContext,
    private readonly secret: SecretKey,
    private readonly parameters: CkksLayerParameters,
    private readonly transforms: RowTransforms,
  ) {
    this.maxImages = context.slotCount;
    this.shape = { ringDegree: context.ringDegree, moduli: context.moduli };
  }

  /**
   * Sets the parameters up, and makes or loads the secret key.
   * @param parameters as the server has them
   * @param secretKey bytes of a secret key; default: a new one. Throws HeParametersError.
   * @returns the holder of the key
   * @throws HeParametersError for parameters that are not possible or not secure
   */
  static async create(parameters: CkksLayerParameters, secretKey?: Uint8Array): Promise<CkksKeyHolder> {
    checkScale(parameters);
    const context = (await loadHeLibrary()).createContext(contextParameters(parameters));
    try {
      const secret = secretKey === undefined ? context.generateSecretKey() : context.loadSecretKey(secretKey);
      return new CkksKeyHolder(context, secret, parameters, await RowTransforms.create(parameters));
    } catch (error) {
      context.dispose();
      throw error;
    }
  }

  evaluationKeys(): EvaluationKeyBytes {
    const { context, secret } = this;
    return {
      relinearization: context.expandRelinearizationKey(context.generateRelinearizationKey(secret)),
      publicKey: context.generatePublicKey(secret),
    };
  }

  encrypt(values: ArrayLike<number>): Uint8Array {
    const { context, secret, parameters } = this;
    return context.scope(() =>
      context.saveCiphertext(
        context.encrypt(secret, context.encode(Float64Array.from(values), parameters.scale)),
      ),
    );
  }

  decrypt(ciphertext: Uint8Array): Float64Array {
    const { context, secret } = this;
    return context.scope(() => context.decode(context.decrypt(secret, context.loadCiphertext(ciphertext))));
  }

  noiseBudget(): undefined {
    return undefined;
  }

  /**
   * Exact: the polynomial, not its decoded values, goes into the fresh ciphertext. Products with the secret key's
   * residues are in plain TypeScript, whose time may depend on them: not where others can measure single steps of this
   * process.
   * @param ciphertext expanded bytes, from the server
   * @returns expanded bytes of a fresh ciphertext at the highest level
   * @throws HeReencryptionError for a ciphertext that cannot be one of this network
   */
  reencrypt(ciphertext: Uint8Array): Uint8Array {
    const { context } = this;
    const { primes, ringDegree: n } = this.parameters;
    // The complete check of the bytes is that of the library.
    context.scope(() => context.loadCiphertext(ciphertext));
    const layout = readCiphertext(ciphertext, this.shape);
    if (layout.size !== 2 || layout.seeded)
      throw new HeReencryptionError('Only expanded ciphertexts of two polynomials are re-encrypted.');
    const level = layout.primeCount;
    const { transforms } = this;
    const key = this.key();
    const values = layout.blocks.slice(0, level).map(({ offset }, i) => {
      const value = numbersAt(ciphertext, offset, n);
      const second = numbersAt(ciphertext, layout.blocks[level + i].offset, n);
      const [q, s] = [primes[i], key[i]];
      for (let k = 0; k < n; k++) {
        const sum = value[k] + multiply(second[k], s[k], q);
        value[k] = sum >= q ? sum - q : sum;
      }
      return value;
    });
    const coefficients = values.map((value, i) => {
      const copy = value.slice();
      transforms.inverse(copy, i);
      return copy;
    });
    const others = liftCentred(coefficients, primes.slice(0, level), primes.slice(level));
    for (const [i, residues] of others.entries()) transforms.forward(residues, level + i);
    const fresh = this.encryptZero(layout.scale);
    const { blocks } = readCiphertext(fresh, this.shape);
    for (const [i, residues] of [...values, ...others].entries())
      addNumbers(fresh, blocks[i].offset, residues, primes[i]);
    return fresh;
  }

  dispose(): void {
    for (const residues of this.secretResidues ?? []) residues.fill(0);
    this.context.dispose();
  }

  private encryptZero(scale: number): Uint8Array {
    const { context, secret } = this;
    return context.scope(() =>
      context.saveCiphertext(context.encrypt(secret, context.encode(new Float64Array(0), scale))),
    );
  }

  private key(): Float64Array[] {
    if (this.secretResidues === undefined) {
      const { primes, ringDegree: n } = this.parameters;
      const bytes = this.context.saveSecretKey(this.secret);
      this.secretResidues = primes.map((_, i) => numbersAt(bytes, PLAINTEXT_HEADER_BYTES + i * n * 8, n));
      bytes.fill(0);
    }
    return this.secretResidues;
  }
}

/**
 * The server's side: reads the client's keys, all of them checked.
 * @param parameters as the client has them
 * @param keys the client's, from anybody
 * @returns what layers compute with
 * @throws HeParametersError for the parameters; HeFormatError, RlweFormatError for the keys
 */
export async function createCkksArithmetic(
  parameters: CkksLayerParameters,
  keys: EvaluationKeyBytes,
): Promise<CkksArithmetic> {
  checkScale(parameters);
  const context = (await loadHeLibrary()).createContext(contextParameters(parameters));
  try {
    const { ringDegree, primes, specialPrime } = parameters;
    const evaluator = await Evaluator.create({ ringDegree, primes, specialPrime });
    const evaluationKeys = evaluator.importKeys({ relinearization: keys.relinearization });
    const publicKey = context.loadPublicKey(keys.publicKey);
    const transforms = await RowTransforms.create(parameters);
    return new CkksArithmetic(parameters, context, evaluator, evaluationKeys, publicKey, transforms);
  } catch (error) {
    context.dispose();
    throw error;
  }
}

function contextParameters({
  ringDegree,
  primes,
  specialPrime,
  securityBits,
}: CkksLayerParameters): CkksParameters {
  return { scheme: 'ckks', ringDegree, primes, specialPrime, securityBits };
}

function checkScale({ scale, primes, specialPrime }: CkksLayerParameters): void {
  if (!(scale >= 2 && scale < 2 ** 60))
    throw new HeParametersError(`a scale is a number from 2 to 2^60, not ${scale}`);
  const large = [...primes, specialPrime].find((prime) => prime >= 2 ** 30);
  if (large !== undefined)
    throw new HeParametersError(
      `the evaluator takes primes below 2^30; ${large} is larger (use more, smaller primes)`,
    );
}
