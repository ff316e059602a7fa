/** What the contexts of both schemes share: keys, encryption, and arithmetic with its arguments checked before. */
import {
  HeArgumentError,
  HeDisposedError,
  HeForeignError,
  HeFormatError,
  HeKeyError,
  HeLevelError,
  HeScaleError,
} from '../errors.js';
import { Handle, HandlePool, type NativeObject, runInScope } from './handles.js';
import type {
  Ciphertext,
  GaloisKeys,
  HeContext,
  HeParameters,
  HeScope,
  Plaintext,
  PublicKey,
  RelinearizationKey,
  SecretKey,
} from './library.js';
import type { NativeCalls } from './native-calls.js';
import { createNativeContext, type NativeContext } from './native-context.js';
import type { Seal } from './node-seal.js';
import { modulusBits } from './parameters.js';
import { checkResidues } from './residues.js';
import {
  type CiphertextLayout,
  type KeyLayout,
  PLAINTEXT_HEADER_BYTES,
  readCiphertext,
  readPlaintext,
  readPublicKey,
  readSwitchingKey,
  type SealShape,
} from './seal-format.js';
import {
  galoisElement,
  isStep,
  type NativeCiphertext,
  SealCiphertext,
  SealGaloisKeys,
  SealPlaintext,
  SealPublicKey,
  SealRelinearizationKey,
  SealSecretKey,
} from './seal-handles.js';
import { writeSwitchingKey } from './seal-writer.js';

/** Most polynomials of a product that was never relinearised: SEAL's limit. */
const MAX_SIZE = 16;

export abstract class SealContext implements HeContext {
  abstract readonly parameters: HeParameters;
  readonly ringDegree: number;
  readonly modulusBits: number;
  readonly levels: number;
  protected readonly native: NativeContext;
  protected readonly evaluator: ReturnType<Seal['Evaluator']>;
  protected readonly pool = new HandlePool();
  /** One handle for all calls; the library would make (and not free) one in each. */
  protected readonly memory: Seal['MemoryPoolHandle'];
  protected readonly shape: SealShape;
  private readonly uncompressed: Seal['ComprModeType'];
  private readonly bitsOfLevel: readonly number[];
  private ended = false;

  constructor(
    protected readonly seal: Seal,
    protected readonly calls: NativeCalls,
    parameters: HeParameters,
    readonly moduli: readonly bigint[],
    security: Seal['SecurityLevel'],
  ) {
    this.ringDegree = parameters.ringDegree;
    this.modulusBits = modulusBits(moduli);
    this.levels = Math.max(1, moduli.length - 1);
    this.shape = { ringDegree: parameters.ringDegree, moduli };
    this.bitsOfLevel = Array.from({ length: this.levels + 1 }, (_, n) => modulusBits(moduli.slice(0, n)));
    this.native = calls.run('context', () => createNativeContext(seal, parameters, moduli, security));
    this.evaluator = calls.run('evaluator', () => seal.Evaluator(this.native.context));
    this.memory = seal.MemoryPoolHandle.global;
    this.uncompressed = seal.ComprModeType.none;
  }

  get liveHandles(): number {
    return this.pool.size;
  }

  get keyParametersId(): Uint8Array {
    return this.native.ids[0].bytes.slice();
  }

  parametersId(primeCount: number): Uint8Array {
    this.checkPrimeCount(primeCount);
    return this.native.ids[primeCount].bytes.slice();
  }

  scope<T>(body: (scope: HeScope) => T): T {
    this.checkAlive();
    return runInScope(this.pool, body);
  }

  openScope(): HeScope {
    this.checkAlive();
    return this.pool.open();
  }

  get disposed(): boolean {
    return this.ended;
  }

  dispose(): void {
    if (this.ended) return;
    this.ended = true;
    this.pool.freeAll();
    this.freeEncoders();
    this.evaluator.delete();
    for (const id of this.native.ids) id.native.delete();
    this.native.context.delete();
    (this.memory as unknown as NativeObject).delete();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  protected abstract freeEncoders(): void;

  // ------------------------------------------------------------------------------------------------------- keys

  generateSecretKey(): SecretKey {
    const native = this.call('generateSecretKey', () => {
      const generator = this.seal.KeyGenerator(this.native.context);
      try {
        return generator.secretKey();
      } finally {
        generator.delete();
      }
    });
    return this.secretKeyOf(native);
  }

  saveSecretKey(key: SecretKey): Uint8Array {
    const { native } = this.own(key, SealSecretKey);
    return this.call('saveSecretKey', () => native.saveArray(this.uncompressed));
  }

  loadSecretKey(bytes: Uint8Array): SecretKey {
    const layout = readPlaintext(bytes, this.shape, 'secret key');
    this.checkId(layout.parametersId, 0, 'secret key');
    for (const [at, modulus] of this.moduli.entries())
      checkResidues(
        bytes,
        PLAINTEXT_HEADER_BYTES + at * this.ringDegree * 8,
        this.ringDegree,
        modulus,
        'secret key',
      );
    return this.secretKeyOf(this.load('loadSecretKey', this.seal.SecretKey(), bytes));
  }

  generatePublicKey(secret: SecretKey): Uint8Array {
    const generator = this.generatorOf(secret);
    return this.call('generatePublicKey', () => this.take(generator.createPublicKeySerializable()));
  }

  loadPublicKey(bytes: Uint8Array): PublicKey {
    this.checkDigit(bytes, readPublicKey(bytes, this.shape), 'public key');
    const native = this.load('loadPublicKey', this.seal.PublicKey(), bytes);
    const dependents: NativeObject[] = [];
    const encryptor = lazily(dependents, () => this.seal.Encryptor(this.native.context, native));
    return new SealPublicKey(this.pool, native, encryptor, dependents);
  }

  generateRelinearizationKey(secret: SecretKey): Uint8Array {
    this.checkKeySwitching();
    const generator = this.generatorOf(secret);
    return this.call('generateRelinearizationKey', () => this.take(generator.createRelinKeysSerializable()));
  }

  loadRelinearizationKey(bytes: Uint8Array): RelinearizationKey {
    this.checkSwitchingKey(bytes, 'relinearization key');
    const native = this.load('loadRelinearizationKey', this.seal.RelinKeys(), bytes);
    return new SealRelinearizationKey(this.pool, native);
  }

  generateGaloisKeys(secret: SecretKey, steps: readonly number[]): Uint8Array {
    this.checkKeySwitching();
    if (steps.length === 0) throw new HeArgumentError('Galois keys are made for at least one step');
    const generator = this.generatorOf(secret);
    const entries = new Map<number, Uint8Array[]>();
    // One step at a time: native memory never shrinks, and all keys at once may be a hundred megabytes of it.
    for (const step of new Set(steps)) {
      this.checkStep(step);
      const bytes = this.call('generateGaloisKeys', () =>
        this.take(generator.createGaloisKeysSerializable(Int32Array.of(step))),
      );
      for (const { index, digits } of readSwitchingKey(bytes, this.shape, 'Galois keys').entries)
        entries.set(
          index,
          digits.map(({ start, end }) => bytes.subarray(start, end)),
        );
    }
    return writeSwitchingKey(this.native.ids[0].bytes, this.ringDegree, entries);
  }

  loadGaloisKeys(bytes: Uint8Array): GaloisKeys {
    const { entries } = this.checkSwitchingKey(bytes, 'Galois keys');
    const native = this.load('loadGaloisKeys', this.seal.GaloisKeys(), bytes);
    return new SealGaloisKeys(this.pool, native, this.ringDegree, new Set(entries.map(({ index }) => index)));
  }

  expandRelinearizationKey(bytes: Uint8Array): Uint8Array {
    return this.expandKey(bytes, 'relinearization key');
  }

  expandGaloisKeys(bytes: Uint8Array): Uint8Array {
    return this.expandKey(bytes, 'Galois keys');
  }

  expandCiphertext(bytes: Uint8Array): Uint8Array {
    if (!this.checkCiphertext(bytes).seeded) return bytes.slice();
    return this.scope(() => this.saveCiphertext(this.loadCiphertext(bytes)));
  }

  private expandKey(bytes: Uint8Array, kind: 'relinearization key' | 'Galois keys'): Uint8Array {
    const { parametersId, entries, entryCount } = this.checkSwitchingKey(bytes, kind);
    const expanded = new Map<number, Uint8Array[]>();
    for (const { index, digits } of entries)
      expanded.set(
        index,
        digits.map((digit) => this.expandDigit(bytes.subarray(digit.start, digit.end), digit.seeded)),
      );
    return writeSwitchingKey(parametersId, entryCount, expanded);
  }

  /** Digits of keys are public keys by themselves. */
  private expandDigit(bytes: Uint8Array, seeded: boolean): Uint8Array {
    if (!seeded) return bytes;
    const native = this.load('expand key', this.seal.PublicKey(), bytes);
    try {
      return this.call('expand key', () => native.saveArray(this.uncompressed));
    } finally {
      native.delete();
    }
  }

  private checkSwitchingKey(bytes: Uint8Array, kind: 'relinearization key' | 'Galois keys'): KeyLayout {
    this.checkKeySwitching();
    const layout = readSwitchingKey(bytes, this.shape, kind);
    this.checkId(layout.parametersId, 0, kind);
    for (const { digits } of layout.entries) for (const digit of digits) this.checkDigit(bytes, digit, kind);
    return layout;
  }

  private checkDigit(bytes: Uint8Array, digit: CiphertextLayout, kind: string): void {
    this.checkId(digit.parametersId, 0, kind);
    for (const { offset, modulus } of digit.blocks)
      checkResidues(bytes, offset, this.ringDegree, this.moduli[modulus], kind);
  }

  private generatorOf(secret: SecretKey) {
    const { native: _alive, tools } = this.own(secret, SealSecretKey);
    return this.call('key generator', tools.generator);
  }

  private secretKeyOf(native: ReturnType<Seal['SecretKey']>): SealSecretKey {
    const { seal } = this;
    const { context } = this.native;
    const dependents: NativeObject[] = [];
    const generator = lazily(dependents, () => seal.KeyGenerator(context, native));
    const decryptor = lazily(dependents, () => seal.Decryptor(context, native));
    // The library's encryptor wants a public key even where it only uses the secret one.
    const encryptor = lazily(dependents, () => {
      const publicKey = generator().createPublicKey();
      try {
        return seal.Encryptor(context, publicKey, native);
      } finally {
        publicKey.delete();
      }
    });
    return new SealSecretKey(this.pool, native, { generator, decryptor, encryptor }, dependents);
  }

  // ------------------------------------------------------------------------------------------------- encryption

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

  // ------------------------------------------------------------------------------------------------- arithmetic

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

  // ----------------------------------------------------------------------------------------------------- checks

  /** The handle as what it is here: of this context, of this kind, and alive. */
  protected own<H extends Handle<NativeObject>, A extends unknown[]>(
    handle: unknown,
    type: new (...args: A) => H,
  ): H {
    this.checkAlive();
    if (!(handle instanceof type)) {
      const given = handle instanceof Handle ? `a ${handle.kind}` : `${handle}`;
      throw new HeArgumentError(`${given} was given where another kind of handle belongs (${type.name})`);
    }
    if (handle.pool !== this.pool)
      throw new HeForeignError(
        `this ${handle.kind} belongs to another context; save it there and load it here`,
      );
    return handle;
  }

  /** A ciphertext in the form in which it is encrypted, stored and multiplied. */
  protected abstract ordinary(ciphertext: Ciphertext, operation: string): SealCiphertext;

  protected checkAlive(): void {
    if (this.ended) throw new HeDisposedError('this context');
  }

  protected checkPrimeCount(primeCount: number): void {
    if (!Number.isInteger(primeCount) || primeCount < 1 || primeCount > this.levels)
      throw new HeLevelError(`the modulus chain has 1 to ${this.levels} data primes, not ${primeCount}`);
  }

  protected checkLowerLevel(from: number, to: number, operation: string): void {
    this.checkPrimeCount(to);
    if (to > from)
      throw new HeLevelError(`${operation}: ${from} primes are left; primes (${to}) never come back`);
  }

  private checkLevels(a: Ciphertext, b: Ciphertext, operation: string): void {
    if (a.primeCount !== b.primeCount)
      throw new HeLevelError(
        `${operation}: one has ${a.primeCount} primes left, the other ${b.primeCount}; modSwitch the higher one`,
      );
  }

  private checkForms(a: Ciphertext, b: Plaintext, operation: string): void {
    if (a.nttForm !== b.nttForm)
      throw new HeArgumentError(
        `${operation}: the ciphertext is ${a.nttForm ? '' : 'not '}in NTT form, the plaintext is ${b.nttForm ? '' : 'not'}`,
      );
    if (b.primeCount !== undefined && b.primeCount !== a.primeCount)
      throw new HeLevelError(
        `${operation}: the ciphertext has ${a.primeCount} primes left, the plaintext was made for ${b.primeCount}`,
      );
  }

  private checkSize(size: number, operation: string): void {
    if (size > MAX_SIZE)
      throw new HeArgumentError(
        `${operation}: the product would have ${size} polynomials; relinearise before`,
      );
  }

  /** SEAL's own notion of equal scales: equal but for the last bit. */
  private checkSameScale(a: number, b: number, operation: string): void {
    if (Math.abs(a - b) < Number.EPSILON * Math.max(a, b, 1)) return;
    throw new HeScaleError(
      `${operation}: scales 2^${Math.log2(a).toFixed(6)} and 2^${Math.log2(b).toFixed(6)} differ; ` +
        'choose the scale of the plaintext, or rescale',
    );
  }

  /** CKKS: the scale must stay below the modulus that is left. */
  protected checkScale(scale: number, primeCount: number, operation: string): void {
    if (this.parameters.scheme === 'bfv') return;
    const bits = this.bitsOfLevel[primeCount];
    if (!Number.isFinite(scale) || scale <= 0 || Math.log2(scale) >= bits)
      throw new HeScaleError(
        `${operation}: a scale of 2^${Math.log2(scale).toFixed(2)} has no room in a modulus of ${bits} bits ` +
          `(${primeCount} primes); rescale before, or take smaller scales`,
      );
  }

  protected bitsAt(primeCount: number): number {
    return this.bitsOfLevel[primeCount];
  }

  private checkProductScale(a: Ciphertext, factor: number, operation: string): void {
    this.checkScale(a.scale * factor, a.primeCount, operation);
  }

  private checkStep(step: number): void {
    if (!isStep(step, this.ringDegree))
      throw new HeArgumentError(
        `a rotation step is a whole number between -${this.ringDegree / 2} and ${this.ringDegree / 2}, not ${step}`,
      );
  }

  private checkKeySwitching(): void {
    this.checkAlive();
    if (this.moduli.length < 2)
      throw new HeKeyError(
        'a modulus of one prime has none for key switching: there are no products and rotations; take a larger ring',
      );
  }

  private checkId(found: Uint8Array, primeCount: number, what: string): void {
    const { bytes } = this.native.ids[primeCount];
    if (found.some((byte, at) => byte !== bytes[at]))
      throw new HeForeignError(`this ${what} was made under other encryption parameters`);
  }

  // ----------------------------------------------------------------------------------------------------- native

  protected call<T>(operation: string, body: () => T): T {
    this.checkAlive();
    return this.calls.run(operation, body);
  }

  /** A new ciphertext that `body` fills. */
  protected result(operation: string, body: (out: NativeCiphertext) => unknown): Ciphertext {
    const out = this.call(operation, () => this.seal.CipherText({ pool: this.memory }));
    return new SealCiphertext(this.pool, this.filled(operation, out, body));
  }

  protected plainResult(
    operation: string,
    body: (out: ReturnType<Seal['PlainText']>) => unknown,
  ): SealPlaintext {
    const out = this.call(operation, () => this.seal.PlainText({ pool: this.memory }));
    return new SealPlaintext(this.pool, this.filled(operation, out, body), this.ringDegree);
  }

  private filled<N extends NativeObject>(operation: string, out: N, body: (out: N) => unknown): N {
    try {
      this.call(operation, () => body(out));
      return out;
    } catch (error) {
      out.delete();
      throw error;
    }
  }

  protected load<
    N extends NativeObject & { loadArray(context: NativeContext['context'], bytes: Uint8Array): void },
  >(operation: string, empty: N, bytes: Uint8Array): N {
    return this.filled(operation, empty, (out) => out.loadArray(this.native.context, bytes));
  }

  private take(serializable: ReturnType<Seal['Serializable']>): Uint8Array {
    try {
      return serializable.saveArray(this.uncompressed);
    } finally {
      serializable.delete();
    }
  }

  protected saveUncompressed(plaintext: SealPlaintext): Uint8Array {
    return this.call('save', () => plaintext.native.saveArray(this.uncompressed));
  }

  /** For the messages of subclasses. */
  protected formatError(why: string): HeFormatError {
    return new HeFormatError(
      `these bytes are no ciphertext for ${this.parameters.scheme.toUpperCase()}: ${why}`,
    );
  }
}

/** `make` on the first call; what it made is freed with its owner. */
function lazily<N extends NativeObject>(dependents: NativeObject[], make: () => N): () => N {
  let made: N | undefined;
  return () => {
    if (made === undefined) {
      made = make();
      dependents.push(made);
    }
    return made;
  };
}
