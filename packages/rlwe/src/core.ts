// What every operation needs: kernels, memory, the primes, and the handles that are alive.
//
// Primes are numbered: data primes from 0, then the special prime. A row of residues is an address.
import { RlweArgumentError, RlweLevelError } from './errors.js';
import { instantiateKernels, type Kernels } from './kernels.js';
import { Memory } from './memory.js';
import { createModulus, createStep, type Factor, factorOf, type Modulus, type Step } from './modulus.js';
import { checkParameters, type EvaluatorOptions, MEMORY_LIMIT, type RlweParameters } from './parameters.js';
import { parametersId } from './seal/parameters-id.js';

/** No residue is above this: lifting then leaves all residues where they are. */
const NEVER = 0x7fffffff;

/** What the core knows of a handle: whose it is, and how it gives its memory back. */
export interface Freeable {
  readonly core: unknown;
  readonly freed: boolean;
  release(): void;
}

export class Core {
  readonly parameters: RlweParameters;
  readonly n: number;
  readonly moduli: readonly Modulus[];
  /** Number of the special prime, which is the number of data primes. */
  readonly special: number;
  /** Identifiers of the parameter sets: [level] for data levels from 1 on; [special + 1] is that of keys. */
  readonly ids: readonly string[];
  /** log2 of the product of the first primes: [level]. */
  readonly bits: readonly number[];
  readonly sealDigits: boolean;
  /** The special prime modulo each data prime. */
  readonly specialFactors: readonly Factor[];
  readonly #steps: Step[][];
  #scopes: Set<Freeable>[] = [];
  /** Undefined after `dispose`, so that handles that are still referenced do not keep the memory. */
  #live: { readonly kernels: Kernels; readonly memory: Memory } | undefined;

  private constructor(
    kernels: Kernels,
    memory: Memory,
    parameters: RlweParameters,
    options: EvaluatorOptions,
  ) {
    const { ringDegree, primes, specialPrime } = parameters;
    this.#live = { kernels, memory };
    this.parameters = { ringDegree, primes: [...primes], specialPrime };
    this.n = ringDegree;
    this.special = primes.length;
    this.sealDigits = options.digits === 'seal';
    const all = [...primes, specialPrime];
    this.moduli = all.map((q) => createModulus(kernels, memory, ringDegree, q));
    const bits = [0];
    for (const q of primes) bits.push(bits[bits.length - 1] + Math.log2(q));
    this.bits = bits;
    this.specialFactors = primes.map((q) => factorOf(specialPrime % q, q));
    this.#steps = all.map((from) => all.map((to) => createStep(from, to)));
    this.ids = ['', ...all.map((_, i) => parametersId(ringDegree, all.slice(0, i + 1)))];
  }

  static async create(parameters: RlweParameters, options: EvaluatorOptions): Promise<Core> {
    checkParameters(parameters);
    const limit = options.maximumMemoryBytes ?? MEMORY_LIMIT;
    if (!(limit > 0 && limit <= MEMORY_LIMIT))
      throw new RlweArgumentError(`maximumMemoryBytes must be positive and at most 2^32, not ${limit}`);
    const { kernels, memory } = await instantiateKernels();
    return new Core(
      kernels,
      new Memory(memory, kernels.heapBase(), parameters.ringDegree, limit),
      parameters,
      options,
    );
  }

  get kernels(): Kernels {
    return this.#alive().kernels;
  }

  get memory(): Memory {
    return this.#alive().memory;
  }

  get disposed(): boolean {
    return this.#live === undefined;
  }

  dispose(): void {
    this.#live = undefined;
  }

  #alive(): { readonly kernels: Kernels; readonly memory: Memory } {
    if (!this.#live) throw new RlweArgumentError('the evaluator was disposed of');
    return this.#live;
  }

  /** Constants for dividing by one prime modulo another. */
  step(from: number, to: number): Step {
    return this.#steps[from][to];
  }

  /** Residues to values, in place. Inputs below 4q. */
  forward(row: number, prime: number): void {
    const { q, forward } = this.moduli[prime];
    this.kernels.forward(row, this.n, forward, q);
  }

  /** Values to residues, in place. */
  inverse(row: number, prime: number): void {
    const { q, inverse } = this.moduli[prime];
    this.kernels.inverse(row, this.n, inverse, q);
  }

  /** Residues modulo prime `from` as values modulo `to`. Centred: residues above half of the prime are negative. */
  lift(out: number, input: number, from: number, to: number, centred: boolean): void {
    const { q, one, forward } = this.moduli[to];
    const source = this.moduli[from].q;
    const threshold = centred ? source >>> 1 : NEVER;
    const { shift } = this.step(from, to);
    if (source <= 3 * q) this.kernels.forwardLifted(out, input, this.n, threshold, shift, forward, q);
    else {
      this.kernels.liftRow(out, input, this.n, threshold, shift, q, one);
      this.forward(out, to);
    }
  }

  /** a * b of values. */
  multiply(out: number, a: number, b: number, prime: number): void {
    const { q, montgomery, radix } = this.moduli[prime];
    this.kernels.multiplyRows(out, a, b, this.n, q, montgomery, radix.value, radix.quotient);
  }

  /** Brings values into Montgomery form, which sums of products expect of one factor. */
  toMontgomery(out: number, a: number, prime: number): void {
    const { q, radix } = this.moduli[prime];
    this.kernels.scaleRow(out, a, this.n, radix.value, radix.quotient, q);
  }

  /** Registers a handle with the innermost scope. */
  adopt<H extends Freeable>(handle: H): H {
    this.#scopes.at(-1)?.add(handle);
    return handle;
  }

  /** Frees handles. Those that are free already are left alone. */
  free(handles: Iterable<Freeable>): void {
    for (const handle of handles) {
      if (handle.core !== this) throw new RlweArgumentError('free: the handle belongs to another evaluator');
      for (const scope of this.#scopes) scope.delete(handle);
      handle.release();
    }
  }

  /**
   * Runs something; the handles made in it are freed, except those that `keep` finds in the result, and all if it
   * throws. Kept handles belong to the scope around.
   */
  scope<T>(body: () => T, keep: (result: T) => Iterable<Freeable> | 'all'): T {
    const scope = new Set<Freeable>();
    const depth = this.#scopes.length;
    this.#scopes.push(scope);
    let kept: Iterable<Freeable> | 'all' = [];
    try {
      const result = body();
      kept = keep(result);
      return result;
    } finally {
      this.#scopes.length = depth;
      const outer = this.#scopes.at(-1);
      for (const handle of kept === 'all' ? scope : kept)
        if (scope.has(handle)) {
          if (kept !== 'all') scope.delete(handle);
          outer?.add(handle);
        }
      if (kept !== 'all') for (const handle of scope) handle.release();
    }
  }

  /** Throws unless the handle is alive and of this evaluator. */
  check(operation: string, ...handles: Freeable[]): void {
    this.#alive();
    for (const handle of handles) {
      if (handle.core !== this) throw new RlweArgumentError(`${operation}: an operand of another evaluator`);
      if (handle.freed) throw new RlweArgumentError(`${operation}: an operand that was freed`);
    }
  }

  checkLevel(operation: string, level: number): void {
    if (!Number.isInteger(level) || level < 1 || level > this.special)
      throw new RlweArgumentError(`${operation}: level ${level} is not from 1 to ${this.special}`);
  }

  /** Throws unless numbers at this scale fit in the modulus of the level. Returns the scale. */
  checkRoom(operation: string, scale: number, level: number): number {
    if (!(Math.log2(scale) < this.bits[level]))
      throw new RlweLevelError(
        `${operation}: the result's scale of 2^${Math.log2(scale).toFixed(1)} does not fit in the ` +
          `${this.bits[level].toFixed(0)} bits of level ${level}; rescale the operands first`,
      );
    return scale;
  }

  /** Sets all rows of some polynomials to zero. */
  zero(polynomials: readonly (readonly number[])[]): void {
    for (const row of polynomials.flat()) this.kernels.zeroRow(row, this.n);
  }

  checkSize(operation: string, ciphertext: { readonly size: number }, size: number): void {
    if (ciphertext.size !== size)
      throw new RlweArgumentError(
        `${operation}: the ciphertext has ${ciphertext.size} polynomials, needs ${size}` +
          `${ciphertext.size === 3 ? '; relinearize it first' : ''}`,
      );
  }

  checkSameLevel(operation: string, a: { readonly level: number }, b: { readonly level: number }): void {
    if (a.level !== b.level) throw levelsDiffer(operation, a.level, b.level);
  }
}

function levelsDiffer(operation: string, left: number, right: number): RlweLevelError {
  return new RlweLevelError(
    `${operation}: levels ${left} and ${right} differ; drop the higher one to the lower`,
  );
}
