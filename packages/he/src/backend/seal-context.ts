/** What the contexts of both schemes share: encryption, and arithmetic with its arguments checked before. */
import { HeArgumentError, HeKeyError } from '../errors.js';
import { ContextKeys } from './context-keys.js';
import type {
  Ciphertext,
  GaloisKeys,
  HeContext,
  Plaintext,
  PublicKey,
  RelinearizationKey,
  SecretKey,
} from './library.js';
import { checkResidues } from './residues.js';
import { type CiphertextLayout, readCiphertext } from './seal-format.js';
import {
  galoisElement,
  type NativeCiphertext,
  SealCiphertext,
  SealGaloisKeys,
  SealPlaintext,
  SealPublicKey,
  SealRelinearizationKey,
  SealSecretKey,
} from './seal-handles.js';
import type { Seal } from './seal-module.js';

/** Most polynomials of a product that was never relinearised: SEAL's limit. */
const MAX_SIZE = 16;

export abstract class SealContext extends ContextKeys implements HeContext {
  encrypt(key: SecretKey | PublicKey, plaintext: Plaintext): Ciphertext {
    const { native: plain } = this.encryptable(plaintext);
    if (key instanceof SealPublicKey) {
      const { native: _alive, encryptor } = this.own(key, SealPublicKey);
      return this.result('encrypt', (out) => encryptor().encrypt(plain, out, this.memory));
    }
    const { native: _alive, tools } = this.own(key, SealSecretKey);
    return this.result('encrypt', (out) => tools.encryptor().encryptSymmetric(plain, out, this.memory));
  }

  encryptSeeded(key: SecretKey, plaintext: Plaintext): Uint8Array {
    const { native: plain } = this.encryptable(plaintext);
    const { native: _alive, tools } = this.own(key, SealSecretKey);
    return this.call('encryptSeeded', () =>
      this.take(tools.encryptor().encryptSymmetricSerializable(plain, this.memory)),
    );
  }

  /** A plaintext in the form that this scheme encrypts. */
  protected abstract encryptable(plaintext: Plaintext): SealPlaintext;

  decrypt(key: SecretKey, ciphertext: Ciphertext): Plaintext {
    const { native: _alive, tools } = this.own(key, SealSecretKey);
    const { native } = this.ordinary(ciphertext, 'decrypt');
    return this.plainResult('decrypt', (out) => tools.decryptor().decrypt(native, out));
  }

  saveCiphertext(ciphertext: Ciphertext): Uint8Array {
    const { native } = this.own(ciphertext, SealCiphertext);
    return this.call('saveCiphertext', () => native.saveArray(this.uncompressed));
  }

  loadCiphertext(bytes: Uint8Array): Ciphertext {
    this.checkCiphertext(bytes);
    const native = this.seal.CipherText({ pool: this.memory });
    return new SealCiphertext(this.pool, this.load('loadCiphertext', native, bytes));
  }

  expandCiphertext(bytes: Uint8Array): Uint8Array {
    if (!this.checkCiphertext(bytes).seeded) return bytes.slice();
    return this.scope(() => this.saveCiphertext(this.loadCiphertext(bytes)));
  }

  private checkCiphertext(bytes: Uint8Array): CiphertextLayout {
    this.checkAlive();
    const layout = readCiphertext(bytes, this.shape);
    this.checkId(layout.parametersId, layout.primeCount, 'ciphertext');
    this.checkForm(layout);
    for (const { offset, modulus } of layout.blocks)
      checkResidues(bytes, offset, this.ringDegree, this.moduli[modulus], 'ciphertext');
    return layout;
  }

  /** Form and scale that ciphertexts of this scheme have outside. Throws `HE_FORMAT`. */
  protected abstract checkForm(layout: CiphertextLayout): void;

  negate(a: Ciphertext): Ciphertext {
    const { native } = this.own(a, SealCiphertext);
    return this.result('negate', (out) => this.evaluator.negate(native, out));
  }

  add(a: Ciphertext, b: Ciphertext): Ciphertext {
    const [x, y] = this.summands(a, b, 'add');
    return this.result('add', (out) => this.evaluator.add(x, y, out));
  }

  addInPlace(a: Ciphertext, b: Ciphertext): void {
    const [x, y] = this.summands(a, b, 'addInPlace');
    this.call('addInPlace', () => this.evaluator.add(x, y, x));
  }

  sub(a: Ciphertext, b: Ciphertext): Ciphertext {
    const [x, y] = this.summands(a, b, 'sub');
    return this.result('sub', (out) => this.evaluator.sub(x, y, out));
  }

  addPlain(a: Ciphertext, b: Plaintext): Ciphertext {
    const [x, y] = this.plainSummands(a, b, 'addPlain');
    return this.result('addPlain', (out) => this.evaluator.addPlain(x, y, out, this.memory));
  }

  subPlain(a: Ciphertext, b: Plaintext): Ciphertext {
    const [x, y] = this.plainSummands(a, b, 'subPlain');
    return this.result('subPlain', (out) => this.evaluator.subPlain(x, y, out, this.memory));
  }

  multiplyPlain(a: Ciphertext, b: Plaintext): Ciphertext {
    const x = this.own(a, SealCiphertext);
    const y = this.own(b, SealPlaintext);
    this.checkForms(x, y, 'multiplyPlain');
    this.checkProductScale(x, y.scale, 'multiplyPlain');
    return this.result('multiplyPlain', (out) =>
      this.evaluator.multiplyPlain(x.native, y.native, out, this.memory),
    );
  }

  multiply(a: Ciphertext, b: Ciphertext): Ciphertext {
    const x = this.ordinary(a, 'multiply');
    const y = this.ordinary(b, 'multiply');
    this.checkLevels(x, y, 'multiply');
    this.checkProductScale(x, y.scale, 'multiply');
    this.checkSize(x.size + y.size - 1, 'multiply');
    return this.result('multiply', (out) => this.evaluator.multiply(x.native, y.native, out, this.memory));
  }

  square(a: Ciphertext): Ciphertext {
    const x = this.ordinary(a, 'square');
    this.checkProductScale(x, x.scale, 'square');
    this.checkSize(2 * x.size - 1, 'square');
    return this.result('square', (out) => this.evaluator.square(x.native, out, this.memory));
  }

  relinearize(a: Ciphertext, key: RelinearizationKey): Ciphertext {
    const x = this.ordinary(a, 'relinearize');
    const keys = this.own(key, SealRelinearizationKey).native;
    if (x.size > 3)
      throw new HeKeyError(
        `relinearize: a product of ${x.size} polynomials needs keys for higher powers; relinearise after each product`,
      );
    return this.result('relinearize', (out) => this.evaluator.relinearize(x.native, keys, out, this.memory));
  }

  modSwitch(a: Ciphertext, primeCount: number): Ciphertext {
    const x = this.ordinary(a, 'modSwitch');
    this.checkLowerLevel(x.primeCount, primeCount, 'modSwitch');
    this.checkScale(x.scale, primeCount, 'modSwitch');
    return this.result('modSwitch', (out) =>
      this.evaluator.cipherModSwitchTo(x.native, this.native.ids[primeCount].native, out, this.memory),
    );
  }

  rotate(a: Ciphertext, step: number, keys: GaloisKeys): Ciphertext {
    const [x, galois] = this.rotation(a, step, keys);
    if (step === 0) return this.result('rotate', (out) => out.copy(x));
    return this.result('rotate', (out) => this.applyGalois(x, step, galois, out));
  }

  protected applyGalois(
    x: NativeCiphertext,
    step: number,
    galois: ReturnType<Seal['GaloisKeys']>,
    out: NativeCiphertext,
  ): void {
    this.evaluator.applyGalois(x, galoisElement(step, this.ringDegree), galois, out, this.memory);
  }

  protected rotation(a: Ciphertext, step: number, keys: GaloisKeys, exchange = false) {
    const x = this.ordinary(a, 'rotate');
    const galois = this.own(keys, SealGaloisKeys);
    this.checkStep(step);
    if (x.size !== 2)
      throw new HeArgumentError(`rotate: a product of ${x.size} polynomials must be relinearised before`);
    if ((step !== 0 || exchange) && !galois.hasStep(step))
      throw new HeKeyError(
        `rotate: there is no Galois key for ${exchange ? 'the exchange of rows (step 0)' : `step ${step}`}; ` +
          'name all steps when the keys are generated',
      );
    return [x.native, galois.native] as const;
  }

  private summands(a: Ciphertext, b: Ciphertext, operation: string) {
    const x = this.own(a, SealCiphertext);
    const y = this.own(b, SealCiphertext);
    this.checkLevels(x, y, operation);
    if (x.nttForm !== y.nttForm)
      throw new HeArgumentError(`${operation}: one is in NTT form, the other is not`);
    this.checkSameScale(x.scale, y.scale, operation);
    return [x.native, y.native] as const;
  }

  private plainSummands(a: Ciphertext, b: Plaintext, operation: string) {
    const x = this.own(a, SealCiphertext);
    const y = this.own(b, SealPlaintext);
    this.checkForms(x, y, operation);
    this.checkSummandForm(x, operation);
    this.checkSameScale(x.scale, y.scale, operation);
    return [x.native, y.native] as const;
  }

  /** The form in which this scheme adds plaintexts. */
  protected abstract checkSummandForm(a: Ciphertext, operation: string): void;

  /** A ciphertext in the form in which it is encrypted, stored and multiplied. */
  protected abstract ordinary(ciphertext: Ciphertext, operation: string): SealCiphertext;

  private checkSize(size: number, operation: string): void {
    if (size > MAX_SIZE)
      throw new HeArgumentError(
        `${operation}: the product would have ${size} polynomials; relinearise before`,
      );
  }
}
