/** Layers in BFV. Weights are encoded when they are needed, and kept while there is room for them. */
import {
  type BfvContext,
  type Ciphertext,
  type Plaintext,
  type PublicKey,
  type RelinearizationKey,
  readCiphertext,
  type SealShape,
} from '@tacit/he/backend';
import type { Activation } from '@tacit/he/network';
import type { AffineMap } from './affine-map.js';
import {
  type Arithmetic,
  type Blinded,
  type BlindingRequest,
  type CiphertextState,
  type Element,
  noOperations,
  type OperationCounts,
} from './arithmetic.js';
import { BfvNoise } from './bfv-noise.js';
import { HeReencryptionError } from './errors.js';
import type { FractionalCode } from './fractional-code.js';
import { evaluateForm, type PolynomialForm } from './polynomial-form.js';
import { randomBelow, randomLimbs, reduceLimbsBig } from './random.js';
import { addWords, readFresh } from './residue-edit.js';

/** A ciphertext with a bound of its noise (log2, see `BfvNoise`). */
export interface BfvElement {
  readonly handle: Ciphertext;
  readonly noise: number;
}

/** An encoded weight: digits in NTT form, and the sum of their absolute values. */
interface EncodedWeight {
  readonly plaintext: Plaintext;
  readonly weight: number;
}

/** Native memory that encoded weights may keep. */
const CACHE_BYTES = 64e6;

export class BfvArithmetic implements Arithmetic<BfvElement> {
  readonly scheme = 'bfv';
  readonly maxImages = 1;
  readonly counts: OperationCounts = noOperations();
  readonly ringDegree: number;
  readonly modulusBits: number;
  private readonly noise: BfvNoise;
  private readonly shape: SealShape;
  private readonly cache = new Map<number, EncodedWeight>();
  private readonly cacheSize: number;

  /** Owns the context. */
  constructor(
    private readonly context: BfvContext,
    private readonly code: FractionalCode,
    private readonly publicKey: PublicKey,
    private readonly relinearization: RelinearizationKey | undefined,
  ) {
    this.ringDegree = context.ringDegree;
    this.modulusBits = context.modulusBits;
    this.shape = { ringDegree: context.ringDegree, moduli: context.moduli };
    this.noise = new BfvNoise(
      context.ringDegree,
      context.parameters.plainModulus,
      context.moduli.slice(0, context.levels),
    );
    this.cacheSize = Math.max(1, Math.floor(CACHE_BYTES / (8 * context.ringDegree * context.levels)));
  }

  affine(x: readonly Element<BfvElement>[], map: AffineMap): Element<BfvElement>[] {
    const results: Element<BfvElement>[] = [];
    try {
      if (map.commonWeight !== undefined || map.matrix.entries === 0)
        for (let row = 0; row < map.matrix.rows; row++) results.push(this.sumRow(x, map, row));
      else this.products(x, map, results);
      return results;
    } catch (error) {
      for (const element of results) if (typeof element === 'object') this.free(element);
      throw error;
    }
  }

  /** Rows of any weights, summed up in NTT form. */
  private products(x: readonly Element<BfvElement>[], map: AffineMap, results: Element<BfvElement>[]): void {
    const { context, counts } = this;
    const { matrix } = map;
    const lastUse = new Int32Array(x.length).fill(-1);
    for (let row = 0; row < matrix.rows; row++) matrix.forRow(row, (column) => (lastUse[column] = row));
    const transformed = new Map<number, Ciphertext>();
    const inNtt = (column: number, { handle }: BfvElement) => {
      const known = transformed.get(column);
      if (known !== undefined) return known;
      const made = context.toNtt(handle);
      transformed.set(column, made);
      return made;
    };
    try {
      for (let row = 0; row < matrix.rows; row++) {
        let shift = map.shift(row);
        let sum: Ciphertext | undefined;
        const noises: [number, number][] = [];
        matrix.forRow(row, (column, value) => {
          const element = x[column];
          if (typeof element === 'number') shift += value * element;
          else {
            const { plaintext, weight } = this.weight(value, element.handle.primeCount);
            // All of its digits are zero.
            if (weight === 0) return;
            const product = context.multiplyPlain(inNtt(column, element), plaintext);
            counts.plainProducts++;
            noises.push([weight, element.noise]);
            if (sum === undefined) sum = product;
            else {
              context.addInPlace(sum, product);
              product.dispose();
              counts.additions++;
            }
          }
          if (lastUse[column] === row) {
            transformed.get(column)?.dispose();
            transformed.delete(column);
          }
        });
        results.push(this.finishRow(sum, shift, noises));
      }
    } finally {
      for (const handle of transformed.values()) handle.dispose();
    }
  }

  private finishRow(
    sum: Ciphertext | undefined,
    shift: number,
    noises: readonly (readonly [number, number])[],
  ): Element<BfvElement> {
    if (sum === undefined) return shift;
    try {
      const back = this.context.fromNtt(sum);
      return this.plusConstant({ handle: back, noise: this.noise.sum(noises) }, shift);
    } finally {
      sum.dispose();
    }
  }

  /** A row of equal weights: sums, and one product. */
  private sumRow(x: readonly Element<BfvElement>[], map: AffineMap, row: number): Element<BfvElement> {
    const { context, counts } = this;
    const factor = map.commonWeight ?? 0;
    let shift = map.shift(row);
    const terms: BfvElement[] = [];
    map.matrix.forRow(row, (column, value) => {
      const element = x[column];
      if (typeof element === 'number') shift += value * element;
      else terms.push(element);
    });
    const [first, second] = terms;
    if (first === undefined) return shift;
    const noise = this.noise.sum(terms.map((term) => [1, term.noise]));
    // `sum` is ours to change and free.
    const sum = second === undefined ? undefined : context.add(first.handle, second.handle);
    if (sum !== undefined) {
      counts.additions += terms.length - 1;
      for (const { handle } of terms.slice(2)) context.addInPlace(sum, handle);
    }
    if (factor === 1) {
      if (sum !== undefined) return this.plusConstant({ handle: sum, noise }, shift);
      return this.plusConstant(this.copy(first), shift);
    }
    const scaled = this.times({ handle: sum ?? first.handle, noise }, factor);
    sum?.dispose();
    return this.plusConstant(scaled, shift);
  }

  polynomial(x: readonly Element<BfvElement>[], form: PolynomialForm): Element<BfvElement>[] {
    const results: Element<BfvElement>[] = [];
    try {
      for (const element of x)
        results.push(
          typeof element === 'number' ? evaluateForm(form, element) : this.evaluate(element, form),
        );
      return results;
    } catch (error) {
      for (const element of results) if (typeof element === 'object') this.free(element);
      throw error;
    }
  }

  private evaluate(x: BfvElement, { shift, activation, factor, constant }: PolynomialForm): BfvElement {
    const shifted = this.plusConstant(this.copy(x), shift);
    const activated = this.activate(shifted, activation);
    this.free(shifted);
    if (factor === 1) return this.plusConstant(activated, constant);
    const scaled = this.times(activated, factor);
    this.free(activated);
    return this.plusConstant(scaled, constant);
  }

  private activate(u: BfvElement, activation: Activation): BfvElement {
    const square = this.product(u, u);
    if (activation.kind === 'square') return square;
    if (activation.kind === 'cubic') {
      const inner = this.plusConstant(square, activation.p);
      const cube = this.product(u, inner);
      this.free(inner);
      return cube;
    }
    const inner = this.plusConstant(square, activation.p / 2);
    const fourth = this.product(inner, inner);
    this.free(inner);
    if (activation.r === 0) return fourth;
    const linear = this.times(u, activation.r);
    this.context.addInPlace(fourth.handle, linear.handle);
    this.counts.additions++;
    this.free(linear);
    return {
      handle: fourth.handle,
      noise: this.noise.sum([
        [1, fourth.noise],
        [1, linear.noise],
      ]),
    };
  }

  private product(a: BfvElement, b: BfvElement): BfvElement {
    const { context, counts, relinearization } = this;
    const product = a === b ? context.square(a.handle) : context.multiply(a.handle, b.handle);
    counts.products++;
    const noise = this.noise.product(a.noise, b.noise);
    // A modulus of one prime has no key switching: the product keeps its third polynomial.
    if (relinearization === undefined) return { handle: product, noise };
    try {
      counts.keySwitches++;
      return { handle: context.relinearize(product, relinearization), noise };
    } finally {
      product.dispose();
    }
  }

  /** A new element. */
  private times(x: BfvElement, factor: number): BfvElement {
    const { context, counts } = this;
    if (factor === -1) return { handle: context.negate(x.handle), noise: x.noise };
    const { plaintext, weight } = this.weight(factor, x.handle.primeCount);
    counts.plainProducts++;
    const handle = context.scope(() =>
      context.fromNtt(context.multiplyPlain(context.toNtt(x.handle), plaintext)),
    );
    return { handle, noise: this.noise.sum([[Math.max(1, weight), x.noise]]) };
  }

  /** Takes `x` over. */
  private plusConstant(x: BfvElement, constant: number): BfvElement {
    if (constant === 0) return x;
    const { context, counts, code } = this;
    counts.plainAdditions++;
    try {
      const handle = context.scope(() =>
        context.addPlain(x.handle, context.encodePolynomial(code.encode(constant))),
      );
      return { handle, noise: x.noise };
    } finally {
      x.handle.dispose();
    }
  }

  private copy({ handle, noise }: BfvElement): BfvElement {
    return { handle: this.context.modSwitch(handle, handle.primeCount), noise };
  }

  private weight(value: number, primes: number): EncodedWeight {
    const { context, cache, code } = this;
    const known = cache.get(value);
    if (known !== undefined) {
      // The order of a map is that of insertion: what is used goes to the end.
      cache.delete(value);
      cache.set(value, known);
      return known;
    }
    const digits = code.digits(value);
    const plaintext = context.scope(() =>
      context.plainToNtt(context.encodePolynomial(code.encode(value)), primes),
    );
    const made = {
      plaintext,
      weight: Math.max(
        1,
        digits.reduce((sum, digit) => sum + Math.abs(digit), 0),
      ),
    };
    cache.set(value, made);
    const oldest = cache.keys().next().value;
    if (cache.size > this.cacheSize && oldest !== undefined) {
      cache.get(oldest)?.plaintext.dispose();
      cache.delete(oldest);
    }
    return made;
  }

  stateOf({ handle, noise }: BfvElement): CiphertextState {
    const { primeCount: level, size } = handle;
    return {
      level,
      scale: 1,
      bytes: 8 * size * level * this.ringDegree,
      modelledNoiseBudget: this.noise.budget(noise),
    };
  }

  exportCiphertext({ handle }: BfvElement): Uint8Array {
    return this.context.saveCiphertext(handle);
  }

  /** Its noise is taken for that of a fresh one: nobody can see it here. */
  importCiphertext(bytes: Uint8Array): BfvElement {
    return { handle: this.context.loadCiphertext(bytes), noise: this.noise.fresh };
  }

  blindingObstacle({ handle, noise }: BfvElement, request: BlindingRequest): string | undefined {
    if (handle.size !== 2)
      return 'the products were never relinearised, since the modulus has one prime only (take a larger ring)';
    const room = this.hidingBits(noise, request);
    if (room >= request.statisticalBits) return undefined;
    return (
      `noise that hides the noise of the ciphertexts by ${request.statisticalBits} bits needs ` +
      `${Math.ceil(request.statisticalBits - room)} bits more of budget than there is; re-encrypt earlier, or take a larger ring or a smaller plain modulus`
    );
  }

  /** Bits of the largest flooding noise that decryption certainly survives: |v| stays below 1/4. */
  private get floodBits(): number {
    return Math.floor(this.noise.logRatio) - 3;
  }

  private hidingBits(noise: number, { elements }: BlindingRequest): number {
    const size = noise + this.noise.logRatio;
    return this.floodBits - size - 1 - Math.log2(this.ringDegree * elements);
  }

  blind(element: BfvElement, request: BlindingRequest): Blinded<BfvElement> {
    const obstacle = this.blindingObstacle(element, request);
    if (obstacle !== undefined) throw new HeReencryptionError(`There is no room for a mask: ${obstacle}.`);
    const { context, ringDegree } = this;
    const mask = randomBelow(context.parameters.plainModulus, ringDegree);
    const bytes = context.scope(() => {
      const zero = context.encrypt(this.publicKey, context.encodePolynomial(new BigInt64Array(0)));
      const fresh = context.modSwitch(zero, element.handle.primeCount);
      const masked = context.addPlain(element.handle, context.encodePolynomial(mask));
      return context.saveCiphertext(context.add(masked, fresh));
    });
    this.flood(bytes);
    const unblind = (answer: Uint8Array): BfvElement => {
      readFresh(answer, this.shape, { primes: context.levels, scale: 1 });
      const handle = context.scope(() =>
        context.subPlain(context.loadCiphertext(answer), context.encodePolynomial(mask)),
      );
      return { handle, noise: this.noise.fresh };
    };
    return { bytes, unblind };
  }

  /** Uniform noise on the first polynomial. */
  private flood(bytes: Uint8Array): void {
    const { ringDegree, context } = this;
    const noise = randomLimbs(this.floodBits, ringDegree);
    const { blocks, primeCount } = readCiphertext(bytes, this.shape);
    for (const { offset, modulus } of blocks.slice(0, primeCount)) {
      const prime = context.moduli[modulus];
      addWords(bytes, offset, reduceLimbsBig(noise, ringDegree, prime), prime);
    }
  }

  free({ handle }: BfvElement): void {
    handle.dispose();
  }

  forgetWeights(): void {
    for (const { plaintext } of this.cache.values()) plaintext.dispose();
    this.cache.clear();
  }

  /** Native objects that are alive: keys, ciphertexts, encoded weights. */
  get liveHandles(): number {
    return this.context.liveHandles;
  }

  dispose(): void {
    this.cache.clear();
    this.context.dispose();
  }
}
