// The public face: checks its arguments and hands over to the files that do the work.
import { applyTransform } from './apply-transform.js';
import {
  add,
  addInteger,
  addInto,
  addPlain,
  dropLevel,
  multiply,
  multiplyInteger,
  multiplyPlain,
  negate,
  rescale,
} from './arithmetic.js';
import { type ConstantRows, combine, EncodedConstants } from './constants.js';
import { Core } from './core.js';
import { Encoder, integerOf } from './encoder.js';
import { RlweArgumentError } from './errors.js';
import { elementOf, normaliseStep } from './galois.js';
import { type Ciphertext, Handle, Plaintext } from './handles.js';
import { exportCiphertext, importCiphertext } from './import.js';
import { EvaluationKeys, type KeySources } from './keys.js';
import type { EvaluatorOptions, RlweParameters } from './parameters.js';
import { relinearize, rotateHoisted } from './rotation.js';
import { checkScales } from './scales.js';
import { EncodedTransform, type LinearTransform } from './transform.js';

/**
 * Evaluates CKKS ciphertexts of one parameter set. It has no secret and draws no random numbers; SEAL makes the keys,
 * encrypts and decrypts. An evaluator and its handles belong to one thread. Results are new ciphertexts, to be freed
 * with `free` or by a `scope`; operands stay as they are, except in `addInPlace`. Wrong operands throw RlweLevelError,
 * RlweScaleError or RlweArgumentError, full memory RlweMemoryError; a failed call leaves nothing behind.
 *
 * Costs are in transforms of one row of N residues (about 40 microseconds at N = 8192), at level l.
 */
export class Evaluator {
  readonly #core: Core;
  readonly #encoder: Encoder;

  private constructor(core: Core) {
    this.#core = core;
    this.#encoder = new Encoder(core);
  }

  /**
   * Checks the parameters and computes tables: some 10 ms and 128 bytes of memory per coefficient and prime.
   * @param parameters ring degree and primes, as clients have them
   * @param options limit of memory, and how digits are taken
   * @returns an evaluator of its own WebAssembly instance
   */
  static async create(parameters: RlweParameters, options: EvaluatorOptions = {}): Promise<Evaluator> {
    return new Evaluator(await Core.create(parameters, options));
  }

  /** The parameters it was made for. */
  get parameters(): RlweParameters {
    return this.#core.parameters;
  }

  /** Values in a ciphertext: N/2. */
  get slots(): number {
    return this.#core.n / 2;
  }

  /** Bytes of the kernels' memory. It grows when needed and never shrinks. */
  get memoryBytes(): number {
    return this.#core.disposed ? 0 : this.#core.memory.byteLength;
  }

  /**
   * Reads a ciphertext that SEAL has saved with compression mode none and without a seed. Every field, every length and
   * every residue is checked: throws RlweFormatError.
   * @param seal the bytes, from anybody
   * @returns a ciphertext at the level and scale that the bytes name
   */
  importCiphertext(seal: Uint8Array): Ciphertext {
    return this.#run('importCiphertext', [], () => importCiphertext(this.#core, seal));
  }

  /**
   * The bytes of a ciphertext as SEAL saves them: 8 bytes a residue, not compressed.
   * @param ciphertext of this evaluator
   * @returns new bytes
   */
  exportCiphertext(ciphertext: Ciphertext): Uint8Array<ArrayBuffer> {
    return this.#run('exportCiphertext', [ciphertext], () => exportCiphertext(this.#core, ciphertext));
  }

  /**
   * Reads SEAL's RelinKeys and GaloisKeys, saved with compression mode none and without seeds; all is checked, throws
   * RlweFormatError. They take 8 * l * (l + 1) * N bytes a key, l the number of data primes.
   * @param keys the bytes, from anybody; Galois keys may come in parts
   * @returns handles, to be freed with `free`
   */
  importKeys(keys: KeySources): EvaluationKeys {
    return this.#run('importKeys', [], () => new EvaluationKeys(this.#core, keys));
  }

  /**
   * Encodes at most `slots` values, the others are 0, at a scale, for ciphertexts of a level. Coefficients may reach
   * 2^62, but not half of the modulus of the level. Costs a Fourier transform of N/2 doubles and l transforms.
   * @param values slots in order
   * @param scale what values are multiplied by before rounding
   * @param level number of data primes, from 1
   * @returns a plaintext of that level
   */
  encode(values: Float64Array, scale: number, level: number): Plaintext {
    return this.#run('encode', [], () => {
      const core = this.#core;
      core.checkLevel('encode', level);
      const plain = new Plaintext(core, level, scale);
      const primes = plain.rows.map((_, i) => i);
      this.#encoder.encode(values, scale, primes, plain.rows, core.bits[level]);
      return plain;
    });
  }

  /**
   * a + b, at the same level and scale. Sizes may differ.
   * @param a first summand
   * @param b second summand
   * @returns a new ciphertext, of the larger size
   */
  add(a: Ciphertext, b: Ciphertext): Ciphertext {
    return this.#pair('add', a, b, () => add(this.#core, a, b, false));
  }

  /**
   * a += b. b must not have more polynomials than a.
   * @param a sum afterwards
   * @param b what is added, at the same level and scale
   */
  addInPlace(a: Ciphertext, b: Ciphertext): void {
    this.#pair('addInPlace', a, b, () => {
      if (b.size > a.size) this.#core.checkSize('addInPlace', a, b.size);
      addInto(this.#core, a, a, b, false);
    });
  }

  /**
   * a - b, at the same level and scale.
   * @param a minuend
   * @param b subtrahend
   * @returns a new ciphertext, of the larger size
   */
  sub(a: Ciphertext, b: Ciphertext): Ciphertext {
    return this.#pair('sub', a, b, () => add(this.#core, a, b, true));
  }

  /**
   * -a, at its level and scale.
   * @param a any ciphertext
   * @returns a new ciphertext
   */
  negate(a: Ciphertext): Ciphertext {
    return this.#run('negate', [a], () => negate(this.#core, a));
  }

  /**
   * a + plain, at the same level and scale.
   * @param a ciphertext
   * @param plain encoded summands, slot by slot
   * @returns a new ciphertext
   */
  addPlain(a: Ciphertext, plain: Plaintext): Ciphertext {
    return this.#run('addPlain', [a, plain], () => {
      this.#core.checkSameLevel('addPlain', a, plain);
      checkScales('addPlain', a.scale, plain.scale);
      return addPlain(this.#core, a, plain);
    });
  }

  /**
   * a + value in every slot; the value is rounded to a multiple of 1 / a.scale.
   * @param a ciphertext
   * @param value the same number for all slots
   * @returns a new ciphertext
   */
  addConstant(a: Ciphertext, value: number): Ciphertext {
    return this.#run('addConstant', [a], () =>
      addInteger(this.#core, a, integerOf('addConstant', value, a.scale)),
    );
  }

  /**
   * a times plain, slot by slot, at the same level; the result's scale is the product of the scales.
   * @param a ciphertext
   * @param plain encoded factors, slot by slot
   * @returns a new ciphertext, not rescaled
   */
  multiplyPlain(a: Ciphertext, plain: Plaintext): Ciphertext {
    return this.#run('multiplyPlain', [a, plain], () => {
      this.#core.checkSameLevel('multiplyPlain', a, plain);
      this.#core.checkRoom('multiplyPlain', a.scale * plain.scale, a.level);
      return multiplyPlain(this.#core, a, plain);
    });
  }

  /**
   * a times value, which is rounded to a multiple of 1 / scale; the result's scale is a.scale * scale.
   * @param a ciphertext
   * @param value the same factor for all slots
   * @param scale what the factor is encoded with
   * @returns a new ciphertext, not rescaled
   */
  multiplyConstant(a: Ciphertext, value: number, scale: number): Ciphertext {
    return this.#run('multiplyConstant', [a], () => {
      if (!(Number.isFinite(scale) && scale > 0))
        throw new RlweArgumentError(`multiplyConstant: scale ${scale}`);
      const integer = integerOf('multiplyConstant', value, scale);
      this.#core.checkRoom('multiplyConstant', a.scale * scale, a.level);
      return multiplyInteger(this.#core, a, integer, a.scale * scale);
    });
  }

  /**
   * a * b, three polynomials, of operands with two at the same level; scales multiply. No transforms.
   * @param a first factor
   * @param b second factor
   * @returns a new ciphertext, to be relinearised and rescaled
   */
  multiply(a: Ciphertext, b: Ciphertext): Ciphertext {
    return this.#run('multiply', [a, b], () => {
      this.#core.checkSize('multiply', a, 2);
      this.#core.checkSize('multiply', b, 2);
      this.#core.checkSameLevel('multiply', a, b);
      this.#core.checkRoom('multiply', a.scale * b.scale, a.level);
      return multiply(this.#core, a, b);
    });
  }

  /**
   * a * a, three polynomials.
   * @param a factor, of two polynomials
   * @returns a new ciphertext, to be relinearised and rescaled
   */
  square(a: Ciphertext): Ciphertext {
    return this.multiply(a, a);
  }

  /**
   * Two polynomials from three; two stay two. Throws RlweKeyError without a key. l^2 + 3l + 2 transforms.
   * @param a ciphertext of two or three polynomials
   * @param keys with a relinearisation key, where there are three
   * @returns a new ciphertext of two polynomials
   */
  relinearize(a: Ciphertext, keys: EvaluationKeys): Ciphertext {
    return this.#run('relinearize', [a, keys], () => {
      if (a.size === 2) return dropLevel(this.#core, a, a.level);
      return relinearize(this.#core, a, keys.relinearizationKey('relinearize'));
    });
  }

  /**
   * Drops the last prime and divides by it, rounded as in SEAL; so does the scale. l transforms a polynomial.
   * @param a ciphertext from level 2 on
   * @returns a new ciphertext, one level lower
   */
  rescale(a: Ciphertext): Ciphertext {
    return this.#run('rescale', [a], () => rescale(this.#core, a));
  }

  /**
   * The same at a lower level, or a copy at the same one. The scale stays.
   * @param a ciphertext
   * @param level from 1 to that of a
   * @returns a new ciphertext
   */
  dropLevel(a: Ciphertext, level: number): Ciphertext {
    return this.#run('dropLevel', [a], () => {
      this.#core.checkLevel('dropLevel', level);
      if (level > a.level)
        throw new RlweArgumentError(`dropLevel: level ${level} is above the ciphertext's, ${a.level}`);
      return dropLevel(this.#core, a, level);
    });
  }

  /**
   * Slot s of the result is slot (s + step) mod slots of a, which must have two polynomials. Negative steps rotate to
   * the right. Throws RlweKeyError, which names the step, if there is no key. l^2 + 3l + 2 transforms.
   * @param a ciphertext of two polynomials
   * @param step slots to the left
   * @param keys with one for this step
   * @returns a new ciphertext
   */
  rotate(a: Ciphertext, step: number, keys: EvaluationKeys): Ciphertext {
    const [rotated] = this.rotateMany(a, [step], keys);
    return rotated;
  }

  /**
   * Several rotations of one ciphertext, in the order of the steps, with one decomposition (Halevi and Shoup 2018):
   * l^2 + l transforms, then 2l + 2 for each step.
   * @param a ciphertext of two polynomials
   * @param steps slots to the left, for each result
   * @param keys with one for each step that is not 0
   * @returns new ciphertexts
   */
  rotateMany(a: Ciphertext, steps: readonly number[], keys: EvaluationKeys): Ciphertext[] {
    return this.#run('rotate', [a, keys], () => {
      this.#core.checkSize('rotate', a, 2);
      const rotations = steps.map((step) => {
        const normal = normaliseStep(step, this.slots);
        return {
          element: elementOf(normal, this.#core.n),
          key: normal === 0 ? undefined : keys.rotation('rotate', step),
        };
      });
      return rotateHoisted(this.#core, a, rotations);
    });
  }

  /**
   * Encodes the diagonals of a transform: as `encode` for each, with a transform more if some baby step is not 0.
   * @param transform diagonals by baby and giant step
   * @returns a handle, to be freed with `free`
   */
  encodeTransform(transform: LinearTransform): EncodedTransform {
    return this.#run('encodeTransform', [], () => new EncodedTransform(this.#core, this.#encoder, transform));
  }

  /**
   * Applies a transform to inputs of its level and one scale. Throws RlweKeyError if a Galois key is missing. Transforms:
   * l^2 + l for each input, l^2 + 2l + 1 for each output and giant step, 2l + 2 for each output; a baby step costs only
   * l * (l + 1) * 2 products of rows. Nothing is rescaled.
   * @param inputs as many as the transform takes
   * @param transform encoded for their level
   * @param keys with one for each step that the transform names
   * @returns a new ciphertext for each output
   */
  applyTransform(
    inputs: readonly Ciphertext[],
    transform: EncodedTransform,
    keys: EvaluationKeys,
  ): Ciphertext[] {
    return this.#run('applyTransform', [...inputs, transform, keys], () =>
      applyTransform(this.#core, inputs, transform, keys),
    );
  }

  /**
   * Encodes constants, each rounded to a multiple of 1 / scale, for inputs of a level.
   * @param rows constants by row, with the columns that they stand in
   * @param scale what they are multiplied by before rounding
   * @param level of the inputs
   * @returns a handle, to be freed with `free`
   */
  encodeConstants(rows: ConstantRows, scale: number, level: number): EncodedConstants {
    return this.#run('encodeConstants', [], () => new EncodedConstants(this.#core, rows, scale, level));
  }

  /**
   * Rows firstRow to lastRow - 1 of the product of the constants with the inputs, one for each column; those that the
   * rows do not name may be undefined. All have the level of the constants, one scale, one size. Scales multiply;
   * nothing is rescaled. No transforms: one product and sum for each constant and residue.
   * @param inputs one for each column
   * @param constants encoded for their level
   * @param firstRow first row that is computed; default 0
   * @param lastRow row after the last; default: all rows
   * @returns a new ciphertext for each row
   */
  combine(
    inputs: readonly (Ciphertext | undefined)[],
    constants: EncodedConstants,
    firstRow = 0,
    lastRow: number = constants.rows,
  ): Ciphertext[] {
    return this.#run('combine', [constants], () => combine(this.#core, inputs, constants, firstRow, lastRow));
  }

  /**
   * Gives back the memory of handles, which must not be used again. Freeing twice does nothing.
   * @param values handles of this evaluator
   */
  free(...values: readonly Handle[]): void {
    if (!this.#core.disposed) this.#core.free(values);
  }

  /**
   * Runs something and then frees all ciphertexts and plaintexts made in it, except those that it returns, alone or in
   * arrays; all of them if it throws. Keys, encoded transforms and encoded constants are not freed. Not for asynchronous
   * functions.
   * @param body what runs, synchronously
   * @returns what the body returns
   */
  scope<T>(body: () => T): T {
    return this.#core.scope(body, handlesIn);
  }

  /** Frees everything. No handle of this evaluator can be used then. */
  dispose(): void {
    this.#core.dispose();
  }

  #run<T>(operation: string, operands: readonly Handle[], body: () => T): T {
    this.#core.check(operation, ...operands);
    return this.#core.scope(body, () => 'all');
  }

  #pair<T>(operation: string, a: Ciphertext, b: Ciphertext, body: () => T): T {
    return this.#run(operation, [a, b], () => {
      this.#core.checkSameLevel(operation, a, b);
      checkScales(operation, a.scale, b.scale);
      return body();
    });
  }
}

function* handlesIn(result: unknown): Iterable<Handle> {
  if (result instanceof Handle) yield result;
  else if (Array.isArray(result)) for (const item of result) yield* handlesIn(item);
}
