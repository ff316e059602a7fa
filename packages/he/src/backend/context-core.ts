/** What all parts of a context rest on: SEAL's context and evaluator, handles, calls into native code, common checks. */
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
import type { Ciphertext, HeParameters, HeScope, Plaintext } from './library.js';
import type { NativeCalls } from './native-calls.js';
import { createNativeContext, type NativeContext } from './native-context.js';
import { modulusBits } from './parameters.js';
import type { SealShape } from './seal-format.js';
import { isStep, type NativeCiphertext, SealCiphertext, SealPlaintext } from './seal-handles.js';
import type { Seal } from './seal-module.js';

export abstract class ContextCore {
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
  protected readonly uncompressed: Seal['ComprModeType'];
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
    for (const id of this.native.ids) id?.native.delete();
    this.native.context.delete();
    (this.memory as unknown as NativeObject).delete();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  protected abstract freeEncoders(): void;

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

  protected checkAlive(): void {
    if (this.ended) throw new HeDisposedError('this context');
  }

  protected checkPrimeCount(primeCount: number): void {
    if (!Number.isInteger(primeCount) || primeCount < 1 || primeCount > this.levels)
      throw new HeLevelError(`the modulus chain has 1 to ${this.levels} data primes, not ${primeCount}`);
    if (this.native.ids[primeCount] === undefined)
      throw new HeLevelError(
        `the modulus chain ends before ${primeCount} data primes: the plain modulus needs more of them`,
      );
  }

  protected checkLowerLevel(from: number, to: number, operation: string): void {
    this.checkPrimeCount(to);
    if (to > from)
      throw new HeLevelError(`${operation}: ${from} primes are left; primes (${to}) never come back`);
  }

  protected checkLevels(a: Ciphertext, b: Ciphertext, operation: string): void {
    if (a.primeCount !== b.primeCount)
      throw new HeLevelError(
        `${operation}: one has ${a.primeCount} primes left, the other ${b.primeCount}; modSwitch the higher one`,
      );
  }

  protected checkForms(a: Ciphertext, b: Plaintext, operation: string): void {
    if (a.nttForm !== b.nttForm)
      throw new HeArgumentError(
        `${operation}: the ciphertext is ${a.nttForm ? '' : 'not '}in NTT form, the plaintext is ${b.nttForm ? '' : 'not'}`,
      );
    if (b.primeCount !== undefined && b.primeCount !== a.primeCount)
      throw new HeLevelError(
        `${operation}: the ciphertext has ${a.primeCount} primes left, the plaintext was made for ${b.primeCount}`,
      );
  }

  /** SEAL's own notion of equal scales: equal but for the last bit. */
  protected checkSameScale(a: number, b: number, operation: string): void {
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

  protected checkProductScale(a: Ciphertext, factor: number, operation: string): void {
    this.checkScale(a.scale * factor, a.primeCount, operation);
  }

  protected checkStep(step: number): void {
    if (!isStep(step, this.ringDegree))
      throw new HeArgumentError(
        `a rotation step is a whole number between -${this.ringDegree / 2} and ${this.ringDegree / 2}, not ${step}`,
      );
  }

  protected checkKeySwitching(): void {
    this.checkAlive();
    if (this.moduli.length < 2)
      throw new HeKeyError(
        'a modulus of one prime has none for key switching: there are no products and rotations; take a larger ring',
      );
  }

  protected checkId(found: Uint8Array, primeCount: number, what: string): void {
    const bytes = this.native.ids[primeCount]?.bytes;
    if (bytes === undefined || found.some((byte, at) => byte !== bytes[at]))
      throw new HeForeignError(`this ${what} was made under other encryption parameters`);
  }

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

  protected filled<N extends NativeObject>(operation: string, out: N, body: (out: N) => unknown): N {
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

  protected take(serializable: ReturnType<Seal['Serializable']>): Uint8Array {
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
      `these bytes are not a ciphertext for ${this.parameters.scheme.toUpperCase()}: ${why}`,
    );
  }
}
