/** CKKS on SEAL. */
import { HeArgumentError, HeLevelError, HeScaleError } from '../errors.js';
import type { Ciphertext, CkksContext, CkksParameters, Plaintext } from './library.js';
import type { NativeCalls } from './native-calls.js';
import { SealContext } from './seal-context.js';
import type { CiphertextLayout } from './seal-format.js';
import { SealCiphertext, SealPlaintext } from './seal-handles.js';
import type { Seal } from './seal-module.js';

export class CkksSealContext extends SealContext implements CkksContext {
  readonly slotCount: number;
  private readonly encoder: ReturnType<Seal['CKKSEncoder']>;

  constructor(
    seal: Seal,
    calls: NativeCalls,
    readonly parameters: CkksParameters,
    moduli: readonly bigint[],
    security: Seal['SecurityLevel'],
  ) {
    super(seal, calls, parameters, moduli, security);
    this.slotCount = parameters.ringDegree / 2;
    this.encoder = calls.run('encoder', () => seal.CKKSEncoder(this.native.context));
  }

  encode(values: Float64Array, scale: number, primeCount = this.levels): Plaintext {
    this.checkAlive();
    this.checkPrimeCount(primeCount);
    if (values.length > this.slotCount)
      throw new HeArgumentError(`encode: ${values.length} values do not fit into ${this.slotCount} slots`);
    // One bit for the sign.
    this.checkScale(scale * 2, primeCount, 'encode');
    this.checkRoom(values, scale, primeCount);
    const nonEmpty = values.length === 0 ? new Float64Array(1) : values;
    const plain = this.plainResult('encode', (out) => this.encoder.encode(nonEmpty, scale, out, this.memory));
    if (primeCount === this.levels) return plain;
    try {
      return this.plainModSwitch(plain, primeCount);
    } finally {
      plain.dispose();
    }
  }

  /** A coefficient is at most the largest value times the scale, and must stay below half the modulus. */
  private checkRoom(values: Float64Array, scale: number, primeCount: number): void {
    let largest = 0;
    for (const value of values) {
      if (!Number.isFinite(value)) throw new HeArgumentError(`encode: ${value} can't be encoded`);
      largest = Math.max(largest, Math.abs(value));
    }
    const bits = this.bitsAt(primeCount);
    if (largest * scale >= 2 ** (bits - 2))
      throw new HeScaleError(
        `encode: values up to ${largest} at scale 2^${Math.log2(scale).toFixed(2)} have no room in a modulus of ` +
          `${bits} bits (${primeCount} primes)`,
      );
  }

  decode(plaintext: Plaintext): Float64Array {
    const plain = this.own(plaintext, SealPlaintext);
    if (!plain.nttForm) throw new HeArgumentError('decode: this is no CKKS plaintext');
    return this.call('decode', () => this.encoder.decode(plain.native, this.memory));
  }

  rescale(a: Ciphertext): Ciphertext {
    const x = this.own(a, SealCiphertext);
    if (x.primeCount === 1)
      throw new HeLevelError('rescale: only one prime is left; take parameters with more primes');
    return this.result('rescale', (out) => this.evaluator.rescaleToNext(x.native, out, this.memory));
  }

  setScale(a: Ciphertext, scale: number): void {
    const x = this.own(a, SealCiphertext);
    this.checkScale(scale, x.primeCount, 'setScale');
    this.call('setScale', () => x.native.setScale(scale));
  }

  plainModSwitch(a: Plaintext, primeCount: number): Plaintext {
    const plain = this.own(a, SealPlaintext);
    this.checkLowerLevel(plain.primeCount ?? this.levels, primeCount, 'plainModSwitch');
    this.checkScale(plain.scale, primeCount, 'plainModSwitch');
    return this.plainResult('plainModSwitch', (out) =>
      this.evaluator.plainModSwitchTo(plain.native, this.native.ids[primeCount].native, out),
    );
  }

  protected encryptable(plaintext: Plaintext): SealPlaintext {
    return this.own(plaintext, SealPlaintext);
  }

  protected ordinary(ciphertext: Ciphertext): SealCiphertext {
    return this.own(ciphertext, SealCiphertext);
  }

  protected checkSummandForm(): void {}

  protected checkForm({ nttForm, scale, primeCount }: CiphertextLayout): void {
    if (!nttForm) throw this.formatError('it is not in NTT form');
    if (!Number.isFinite(scale) || scale <= 0 || Math.log2(scale) >= this.bitsAt(primeCount))
      throw this.formatError(`its scale is ${scale}`);
  }

  protected freeEncoders(): void {
    this.encoder.delete();
  }
}
