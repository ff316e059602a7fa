/** BFV on SEAL. */
import { HeArgumentError } from '../errors.js';
import type {
  BfvContext,
  BfvParameters,
  Ciphertext,
  GaloisKeys,
  Plaintext,
  RelinearizationKey,
  SecretKey,
} from './library.js';
import type { NativeCalls } from './native-calls.js';
import { SealContext } from './seal-context.js';
import { type CiphertextLayout, readPlaintext } from './seal-format.js';
import { SealCiphertext, SealPlaintext, SealSecretKey } from './seal-handles.js';
import type { Seal } from './seal-module.js';
import { writePlaintext } from './seal-writer.js';

export class BfvSealContext extends SealContext implements BfvContext {
  readonly slotCount: number;
  private readonly encoder: ReturnType<Seal['BatchEncoder']>;

  constructor(
    seal: Seal,
    calls: NativeCalls,
    readonly parameters: BfvParameters,
    moduli: readonly bigint[],
    security: Seal['SecurityLevel'],
  ) {
    super(seal, calls, parameters, moduli, security);
    this.slotCount = parameters.ringDegree;
    this.encoder = calls.run('encoder', () => seal.BatchEncoder(this.native.context));
  }

  // --------------------------------------------------------------------------------------------------- encoding

  encodeBatch(values: BigInt64Array): Plaintext {
    this.checkAlive();
    this.checkCount(values, 'encodeBatch');
    const { plainModulus } = this.parameters;
    const high = plainModulus / 2n;
    const low = high - plainModulus + 1n;
    for (const [at, value] of values.entries())
      if (value > high || value < low)
        throw new HeArgumentError(`encodeBatch: value ${at} (${value}) is not within ${low} to ${high}`);
    return this.plainResult('encodeBatch', (out) => this.encoder.encode(values, out));
  }

  decodeBatch(plaintext: Plaintext): BigInt64Array {
    const { native } = this.coefficients(plaintext, 'decodeBatch');
    return this.call(
      'decodeBatch',
      () => this.encoder.decodeBigInt(native, true, this.memory) as BigInt64Array,
    );
  }

  encodePolynomial(coefficients: BigInt64Array): Plaintext {
    this.checkAlive();
    this.checkCount(coefficients, 'encodePolynomial');
    const { plainModulus } = this.parameters;
    const reduced = new BigUint64Array(Math.max(1, coefficients.length));
    for (const [at, value] of coefficients.entries())
      if (value !== 0n) reduced[at] = ((value % plainModulus) + plainModulus) % plainModulus;
    const plain = this.load(
      'encodePolynomial',
      this.seal.PlainText({ pool: this.memory }),
      writePlaintext(reduced),
    );
    return new SealPlaintext(this.pool, plain, this.ringDegree);
  }

  decodePolynomial(plaintext: Plaintext): BigInt64Array {
    const bytes = this.saveUncompressed(this.coefficients(plaintext, 'decodePolynomial'));
    const { words, coefficientCount } = readPlaintext(bytes, this.shape);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const { plainModulus } = this.parameters;
    const half = plainModulus / 2n;
    const result = new BigInt64Array(this.ringDegree);
    for (let at = 0; at < coefficientCount; at++) {
      const value = view.getBigUint64(words + at * 8, true);
      result[at] = value > half ? value - plainModulus : value;
    }
    return result;
  }

  private checkCount(values: BigInt64Array, operation: string): void {
    if (values.length > this.ringDegree)
      throw new HeArgumentError(`${operation}: ${values.length} values, where ${this.ringDegree} fit`);
  }

  private coefficients(plaintext: Plaintext, operation: string): SealPlaintext {
    const plain = this.own(plaintext, SealPlaintext);
    if (plain.nttForm) throw new HeArgumentError(`${operation}: the plaintext is in NTT form`);
    return plain;
  }

  // ------------------------------------------------------------------------------------------------- arithmetic

  rotateColumns(a: Ciphertext, keys: GaloisKeys): Ciphertext {
    const [x, galois] = this.rotation(a, 0, keys, true);
    return this.result('rotateColumns', (out) => this.applyGalois(x, 0, galois, out));
  }

  exponentiate(a: Ciphertext, exponent: number, key: RelinearizationKey): Ciphertext {
    if (!Number.isInteger(exponent) || exponent < 1 || exponent > 2 ** 20)
      throw new HeArgumentError(
        `exponentiate: the exponent is a whole number from 1 to 2^20, not ${exponent}`,
      );
    return this.scope(() => {
      let result: Ciphertext | undefined;
      let power = a;
      for (let rest = exponent; ; power = this.relinearize(this.square(power), key)) {
        if (rest % 2 === 1)
          result = result === undefined ? power : this.relinearize(this.multiply(result, power), key);
        rest = Math.floor(rest / 2);
        if (rest === 0) return result === a || result === undefined ? this.copy(a) : result;
      }
    });
  }

  private copy(a: Ciphertext): Ciphertext {
    const { native } = this.own(a, SealCiphertext);
    return this.result('copy', (out) => out.copy(native));
  }

  toNtt(a: Ciphertext): Ciphertext {
    const { native } = this.ordinary(a, 'toNtt');
    return this.result('toNtt', (out) => this.evaluator.cipherTransformToNtt(native, out));
  }

  fromNtt(a: Ciphertext): Ciphertext {
    const x = this.own(a, SealCiphertext);
    if (!x.nttForm) throw new HeArgumentError('fromNtt: this ciphertext is not in NTT form');
    return this.result('fromNtt', (out) => this.evaluator.cipherTransformFromNtt(x.native, out));
  }

  plainToNtt(a: Plaintext, primeCount: number): Plaintext {
    const { native } = this.coefficients(a, 'plainToNtt');
    this.checkPrimeCount(primeCount);
    return this.plainResult('plainToNtt', (out) =>
      this.evaluator.plainTransformToNtt(native, this.native.ids[primeCount].native, out, this.memory),
    );
  }

  invariantNoiseBudget(key: SecretKey, a: Ciphertext): number {
    const { native: _alive, tools } = this.own(key, SealSecretKey);
    const { native } = this.ordinary(a, 'invariantNoiseBudget');
    return this.call('invariantNoiseBudget', () => tools.decryptor().invariantNoiseBudget(native));
  }

  // ----------------------------------------------------------------------------------------------------- checks

  protected encryptable(plaintext: Plaintext): SealPlaintext {
    return this.coefficients(plaintext, 'encrypt');
  }

  protected ordinary(ciphertext: Ciphertext, operation: string): SealCiphertext {
    const x = this.own(ciphertext, SealCiphertext);
    if (x.nttForm)
      throw new HeArgumentError(
        `${operation}: this ciphertext is in NTT form; bring it back with fromNtt before`,
      );
    return x;
  }

  protected checkSummandForm(a: Ciphertext, operation: string): void {
    this.ordinary(a, operation);
  }

  protected checkForm({ nttForm, scale }: CiphertextLayout): void {
    if (nttForm) throw this.formatError('it is in NTT form');
    if (scale !== 1) throw this.formatError(`its scale is ${scale}`);
  }

  protected freeEncoders(): void {
    this.encoder.delete();
  }
}
