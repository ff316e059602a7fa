/**
 * Layers in CKKS. All elements of a tensor have the same level and scale.
 *
 * Affine layers bring their result to the scale of the parameters and drop a prime, as long as the values then still
 * have room; where they have not (at the end of the chain), they keep the prime. Sums with one common weight cost no
 * level: the weight goes into the scale.
 */

import { activate, HeKeyError } from '@tacit/he';
import { type CkksContext, type PublicKey, readCiphertext, type SealShape } from '@tacit/he/backend';
import { activationDepth } from '@tacit/he/network';
import type { Ciphertext, EncodedConstants, EvaluationKeys, Evaluator, RowTransforms } from '@tacit/rlwe';
import type { AffineMap } from './affine-map.js';
import {
  type Arithmetic,
  type Blinded,
  type BlindingRequest,
  type CiphertextState,
  type Element,
  noOperations,
  type OperationCounts,
  type Ranges,
} from './arithmetic.js';
import { CkksLevels } from './ckks-levels.js';
import type { CkksLayerParameters } from './ckks-parameters.js';
import { HeReencryptionError } from './errors.js';
import { evaluateForm, type PolynomialForm } from './polynomial-form.js';
import { randomLimbs, reduceLimbs } from './random.js';
import { addNumbers, numbersAt, readFresh } from './residue-edit.js';

/** Rows of an affine map that are computed at once. */
const ROWS_AT_ONCE = 64;

interface Encoded {
  readonly level: number;
  readonly scale: number;
  readonly constants: EncodedConstants;
  /** The elements that were public when it was encoded: they are in the shifts. */
  readonly key: string;
}

export class CkksArithmetic implements Arithmetic<Ciphertext> {
  readonly scheme = 'ckks';
  readonly ringDegree: number;
  readonly modulusBits: number;
  readonly maxImages: number;
  readonly counts: OperationCounts = noOperations();
  private readonly primes: readonly number[];
  private readonly levels: CkksLevels;
  private readonly shape: SealShape;
  private readonly encoded = new Map<AffineMap, Encoded>();

  /** Owns the context and the evaluator. */
  constructor(
    parameters: CkksLayerParameters,
    private readonly context: CkksContext,
    private readonly evaluator: Evaluator,
    private readonly keys: EvaluationKeys,
    private readonly publicKey: PublicKey,
    private readonly transforms: RowTransforms,
  ) {
    this.ringDegree = parameters.ringDegree;
    this.maxImages = context.slotCount;
    this.primes = parameters.primes;
    this.levels = new CkksLevels(parameters.primes, parameters.scale);
    this.modulusBits = context.modulusBits;
    this.shape = { ringDegree: context.ringDegree, moduli: context.moduli };
  }

  affine(
    x: readonly Element<Ciphertext>[],
    map: AffineMap,
    range: Ranges,
    layer: string,
  ): Element<Ciphertext>[] {
    const first = x.find((element) => typeof element === 'object');
    if (first === undefined) return [...map.apply(x as readonly number[])];
    if (map.commonWeight !== undefined)
      return this.collect(map.matrix.rows, (row) => this.sumRow(x, map, row));
    return this.products(x, first, map, range, layer);
  }

  /** A row of equal weights. */
  private sumRow(x: readonly Element<Ciphertext>[], map: AffineMap, row: number): Element<Ciphertext> {
    const { evaluator, counts } = this;
    const factor = map.commonWeight ?? 0;
    const { terms, shift } = this.termsOf(x, map, row);
    const [first, ...others] = terms.map(({ ciphertext }) => ciphertext);
    if (first === undefined) return shift;
    return evaluator.scope(() => {
      // Dropping to the same level copies.
      let sum = evaluator.dropLevel(first, first.level);
      for (const other of others) evaluator.addInPlace(sum, other);
      if (factor < 0) sum = evaluator.negate(sum);
      counts.additions += others.length;
      sum.scale = first.scale / Math.abs(factor);
      return this.plusConstant(sum, shift);
    });
  }

  private products(
    x: readonly Element<Ciphertext>[],
    first: Ciphertext,
    map: AffineMap,
    range: Ranges,
    layer: string,
  ): Element<Ciphertext>[] {
    const { evaluator, counts } = this;
    const { matrix } = map;
    const inputs = x.map((element) => (typeof element === 'number' ? undefined : element));
    const rows: { row: number; columns: Int32Array; values: Float64Array; shift: number }[] = [];
    const results = new Array<Element<Ciphertext>>(matrix.rows);
    for (let row = 0; row < matrix.rows; row++) {
      const { terms, shift } = this.termsOf(x, map, row);
      if (terms.length === 0) results[row] = shift;
      else
        rows.push({
          row,
          shift,
          columns: Int32Array.from(terms, ({ column }) => column),
          values: Float64Array.from(terms, ({ weight }) => weight),
        });
      counts.plainProducts += terms.length;
      counts.additions += Math.max(0, terms.length - 1);
    }
    if (rows.length === 0) return results;
    const { weightScale, rescale } = this.levels.affine(first, range.output, layer);
    const constants = this.encode(map, x, rows, weightScale, first.level);
    const made: Ciphertext[] = [];
    try {
      for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
        const to = Math.min(rows.length, from + ROWS_AT_ONCE);
        const block = evaluator.scope(() =>
          evaluator.combine(inputs, constants, from, to).map((sum, i) => {
            if (rescale) counts.rescalings++;
            return this.plusConstant(rescale ? evaluator.rescale(sum) : sum, rows[from + i].shift);
          }),
        );
        made.push(...block);
      }
    } catch (error) {
      evaluator.free(...made);
      throw error;
    }
    rows.forEach(({ row }, i) => {
      results[row] = made[i];
    });
    return results;
  }

  /** Encoded weights are kept with the map for the level and the public elements that they were made for. */
  private encode(
    map: AffineMap,
    x: readonly Element<Ciphertext>[],
    rows: readonly { columns: Int32Array; values: Float64Array }[],
    scale: number,
    level: number,
  ): EncodedConstants {
    const key = x.flatMap((element, i) => (typeof element === 'number' ? [i] : [])).join();
    const known = this.encoded.get(map);
    if (known !== undefined && known.level === level && known.scale === scale && known.key === key)
      return known.constants;
    if (known !== undefined) this.evaluator.free(known.constants);
    const constants = this.evaluator.encodeConstants({ columns: x.length, rows }, scale, level);
    this.encoded.set(map, { level, scale, constants, key });
    return constants;
  }

  /** Encrypted elements of a row with their weights; public ones are part of the shift. */
  private termsOf(x: readonly Element<Ciphertext>[], map: AffineMap, row: number) {
    let shift = map.shift(row);
    const terms: { column: number; weight: number; ciphertext: Ciphertext }[] = [];
    map.matrix.forRow(row, (column, weight) => {
      const element = x[column];
      if (typeof element === 'number') shift += weight * element;
      else terms.push({ column, weight, ciphertext: element });
    });
    return { terms, shift };
  }

  polynomial(
    x: readonly Element<Ciphertext>[],
    form: PolynomialForm,
    range: Ranges,
    layer: string,
  ): Element<Ciphertext>[] {
    if (this.keys.relinearization === undefined && x.some((element) => typeof element === 'object'))
      throw new HeKeyError(`Layer ${layer} multiplies ciphertexts, which needs a relinearisation key.`);
    return this.collect(x.length, (i) => {
      const element = x[i];
      if (typeof element === 'number') return evaluateForm(form, element);
      return this.evaluate(element, form, range, layer);
    });
  }

  private evaluate(x: Ciphertext, form: PolynomialForm, range: Ranges, layer: string): Ciphertext {
    const { evaluator, counts, keys } = this;
    const { shift, activation, factor, constant } = form;
    const { rescale } = this.levels.polynomial(x, form, range, layer);
    const products = activationDepth(activation);
    return evaluator.scope(() => {
      const product = activate(evaluator, this.plusConstant(x, shift), activation, keys);
      counts.products += products;
      counts.keySwitches += products;
      counts.rescalings += products - (rescale ? 0 : 1);
      let result = evaluator.relinearize(product, keys);
      if (rescale) result = evaluator.rescale(result);
      if (factor < 0) result = evaluator.negate(result);
      result.scale /= Math.abs(factor);
      return this.plusConstant(result, constant);
    });
  }

  private plusConstant(x: Ciphertext, constant: number): Ciphertext {
    if (constant === 0) return x;
    this.counts.plainAdditions++;
    return this.evaluator.addConstant(x, constant);
  }

  private collect(count: number, make: (i: number) => Element<Ciphertext>): Element<Ciphertext>[] {
    const results: Element<Ciphertext>[] = [];
    try {
      for (let i = 0; i < count; i++) results.push(make(i));
      return results;
    } catch (error) {
      for (const element of results) if (typeof element === 'object') this.free(element);
      throw error;
    }
  }

  stateOf(ciphertext: Ciphertext): CiphertextState {
    return { level: ciphertext.level, scale: ciphertext.scale, bytes: ciphertext.bytes };
  }

  exportCiphertext(ciphertext: Ciphertext): Uint8Array {
    return this.evaluator.exportCiphertext(ciphertext);
  }

  importCiphertext(bytes: Uint8Array): Ciphertext {
    return this.evaluator.importCiphertext(bytes);
  }

  blindingObstacle(ciphertext: Ciphertext, request: BlindingRequest): string | undefined {
    const room = this.hidingBits(ciphertext, request);
    if (room >= request.statisticalBits) return undefined;
    const bits = this.levels.logModulus(ciphertext.level);
    return (
      `values up to ${request.bound.toPrecision(3)} at scale 2^${Math.log2(ciphertext.scale).toFixed(1)} with ${ciphertext.level} primes (${bits.toFixed(0)} bits) left ` +
      `leave ${Math.max(0, Math.floor(room))} bits to hide them by, and ${request.statisticalBits} are asked for. Re-encrypt earlier, take more primes or a smaller scale`
    );
  }

  /** Masks are uniform below 2^maskBits, so that mask and value together stay below half of the modulus. */
  private maskBits(level: number): number {
    return Math.floor(this.levels.logModulus(level)) - 2;
  }

  private hidingBits({ level, scale }: Ciphertext, { bound, elements }: BlindingRequest): number {
    // Values with their noise: twice the values' share is plenty, and at least the fresh noise of the added zero.
    const size = Math.max(Math.log2(2 * bound * scale), 22);
    return this.maskBits(level) - size - 1 - Math.log2(this.ringDegree * elements);
  }

  blind(ciphertext: Ciphertext, request: BlindingRequest): Blinded<Ciphertext> {
    const obstacle = this.blindingObstacle(ciphertext, request);
    if (obstacle !== undefined) throw new HeReencryptionError(`There is no room for a mask: ${obstacle}.`);
    const { context, evaluator, primes, ringDegree: n } = this;
    const { level, scale } = ciphertext;
    const bytes = evaluator.exportCiphertext(ciphertext);
    const zero = context.scope(() =>
      context.saveCiphertext(
        context.encrypt(this.publicKey, context.encode(new Float64Array(0), scale, level)),
      ),
    );
    const { blocks } = readCiphertext(bytes, this.shape);
    const zeros = readCiphertext(zero, this.shape).blocks;
    blocks.forEach(({ offset, modulus }, i) => {
      addNumbers(bytes, offset, numbersAt(zero, zeros[i].offset, n), primes[modulus]);
    });
    const mask = randomLimbs(this.maskBits(level), n);
    this.addMask(bytes, mask, level, 1);
    const unblind = (answer: Uint8Array): Ciphertext => {
      const fresh = answer.slice();
      readFresh(fresh, this.shape, { primes: primes.length, scale });
      this.addMask(fresh, mask, primes.length, -1);
      return evaluator.importCiphertext(fresh);
    };
    return { bytes, unblind };
  }

  private addMask(bytes: Uint8Array, mask: Uint16Array, level: number, sign: 1 | -1): void {
    const { ringDegree: n, primes } = this;
    const { blocks } = readCiphertext(bytes, this.shape);
    for (let i = 0; i < level; i++) {
      const residues = reduceLimbs(mask, n, primes[i]);
      this.transforms.forward(residues, i);
      addNumbers(bytes, blocks[i].offset, residues, primes[i], sign);
    }
  }

  free(ciphertext: Ciphertext): void {
    this.evaluator.free(ciphertext);
  }

  forgetWeights(): void {
    for (const { constants } of this.encoded.values()) this.evaluator.free(constants);
    this.encoded.clear();
  }

  /** Memory of the evaluator. */
  get memoryBytes(): number {
    return this.evaluator.memoryBytes;
  }

  dispose(): void {
    this.encoded.clear();
    this.evaluator.dispose();
    this.context.dispose();
  }
}
