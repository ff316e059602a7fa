/**
 * The plain suite: everything in the clear, in one process. Nothing is hidden from whoever runs it, so it is for
 * debugging and for tests: a program, unchanged, with values that can be looked at, exact truncations, no rounds, no
 * dealer, and the same errors for what does not fit.
 *
 * Read it to see what the project computes; every other suite computes the same without anybody who sees the values.
 * Each method is one command to the ideal functionality (functionality.ts): a line that says what it is, and how to
 * carry it out on words of Z/2^64.
 */
import { broadcastTo, type Ring, sizeOf, type Words } from '@tacit/ring';
import * as checks from '../../checks.js';
import { type Distribution, formOf, sample } from '../../distributions.js';
import type {
  Engine,
  Extreme,
  InverseRootOptions,
  MaxPoolWindow,
  OctaveFunction,
  Octaves,
  QuotientOptions,
  RevealOptions,
  SortOptions,
  WindowGeometry,
} from '../../engine.js';
import { moveRows } from '../../permutation/move-rows.js';
import { randomPermutations, randomWords } from '../../permutation/random-permutation.js';
import { octavesOf } from '../../protocols/octaves.js';
import { applyBilinear, type Bilinear } from '../../runtime/bilinear.js';
import { canonicalConfig, checkConfig, defaultConfig, type ProtocolConfig } from '../../runtime/config.js';
import { fingerprint } from '../../runtime/fingerprint.js';
import { applyViews, type StridedView } from '../../runtime/mask-ref.js';
import { type Piecewise, type SplineTable, tableAtScale } from '../../spline/table.js';
import { checkTruncation } from '../../truncation/parameters.js';
import type { Binary } from '../binary-secret.js';
import { concatWords } from '../concat-words.js';
import { selection, takeWords } from '../take-words.js';
import { PlainBits } from './bits.js';
import { freshWords } from './fresh-words.js';
import { IdealFunctionality } from './functionality.js';
import { bit, eachReal, extremeRows, maxima, piecewiseValue, sortedPlaces } from './functions.js';
import type { Given } from './party.js';
import { PlainSecret } from './secret.js';

/**
 * The plain suite in this thread.
 * @param parties how many, 2 to 64
 * @param ring kernels, which all of them use
 * @param config settings that differ from the defaults
 * @returns the parties' engines by rank, and what they share
 * @throws ConfigError where a setting cannot work
 */
export function openPlain(
  parties: number,
  ring: Ring,
  config: Partial<ProtocolConfig> = {},
): { readonly engines: readonly PlainEngine[]; readonly functionality: IdealFunctionality } {
  const full = canonicalConfig({ ...defaultConfig, ...config });
  checkConfig(parties, full);
  const functionality = new IdealFunctionality(parties);
  const engines = Array.from(
    { length: parties },
    (_, rank) => new PlainEngine(functionality, rank, ring, full),
  );
  return { engines, functionality };
}

export class PlainEngine extends PlainBits implements Engine<PlainSecret, PlainSecret, Binary<PlainSecret>> {
  readonly name = 'plain';
  readonly productExtraBits = 0;

  // --- in and out ---

  input(owner: number, shape: readonly number[], words: Given<Words>, scale?: number): PlainSecret {
    const { id, result } = this.give('input', { shape, owner, scale }, this.given(owner, shape, words));
    return new PlainSecret(id, shape, result);
  }

  fromPublic(words: Words, shape: readonly number[]): PlainSecret {
    checks.checkFills('fromPublic', shape, words);
    return this.compute('public', shape, [], () => words.slice(), { words: fingerprint(words) });
  }

  reveal(x: PlainSecret, { to, scale, drop = 0 }: RevealOptions = {}): Promise<Words | undefined> {
    if (to !== undefined && !(Number.isInteger(to) && to >= 0 && to < this.parties))
      throw new RangeError(`there is no party ${to} to reveal to`);
    const told = drop === 0 ? x : this.truncate(x, drop);
    told.assertUsable();
    const facts = { shape: x.shape, of: told.id, to: to ?? 'all', scale };
    const { result } = this.give('reveal', facts, () => told.value);
    return result.then((words) => (to === undefined || to === this.rank ? words.slice() : undefined));
  }

  random(shape: readonly number[], distribution: Distribution): PlainSecret {
    const form = formOf(distribution);
    const draw = () => {
      const words = freshWords(sizeOf(shape));
      sample(this.ring, form, words, freshWords(words.length));
      return words;
    };
    return this.compute('random', shape, [], draw, { ...form });
  }

  sharesToKeep(x: PlainSecret): Promise<Words> {
    x.assertUsable();
    const { result } = this.give('keep', { shape: x.shape, of: x.id }, () => x.value);
    // Words whose sum is the value, as in any sharing.
    return result.then((words) => (this.rank === 0 ? words.slice() : new BigUint64Array(words.length)));
  }

  keptShares(shape: readonly number[], words: Words | Promise<Words>, origin: string): PlainSecret {
    const summands = Array.from({ length: this.parties }, (_, owner) => {
      const { id, result } = this.give('kept', { shape, owner, origin }, this.given(owner, shape, words));
      return new PlainSecret(id, shape, result);
    });
    return summands.reduce((sum, summand) => this.add(sum, summand));
  }

  roundsOnReveal(): boolean {
    return true;
  }

  // --- linear ---

  add(x: PlainSecret, y: PlainSecret): PlainSecret {
    checks.checkSameShape('add', x.shape, y.shape);
    return this.fill('add', x.shape, [x, y], (out, a, b) => this.ring.add(out, a, b));
  }

  sub(x: PlainSecret, y: PlainSecret): PlainSecret {
    checks.checkSameShape('sub', x.shape, y.shape);
    return this.fill('sub', x.shape, [x, y], (out, a, b) => this.ring.sub(out, a, b));
  }

  neg(x: PlainSecret): PlainSecret {
    return this.fill('neg', x.shape, [x], (out, a) => this.ring.neg(out, a));
  }

  mulScalar(x: PlainSecret, s: bigint): PlainSecret {
    return this.fill('mul-scalar', x.shape, [x], (out, a) => this.ring.mulScalar(out, a, s), { s: `${s}` });
  }

  addScalar(x: PlainSecret, s: bigint): PlainSecret {
    return this.fill('add-scalar', x.shape, [x], (out, a) => this.ring.addScalar(out, a, s), { s: `${s}` });
  }

  addPublic(x: PlainSecret, y: Words, identity = fingerprint(y)): PlainSecret {
    checks.checkFills('addPublic', x.shape, y);
    return this.fill('add-public', x.shape, [x], (out, a) => this.ring.add(out, a, y), { y: identity });
  }

  mulPublic(x: PlainSecret, y: Words, identity = fingerprint(y)): PlainSecret {
    checks.checkFills('mulPublic', x.shape, y);
    return this.fill('mul-public', x.shape, [x], (out, a) => this.ring.mul(out, a, y), { y: identity });
  }

  addPrivate(x: PlainSecret, owner: number, y: Given<Words>): PlainSecret {
    const theirs = this.input(owner, x.shape, y);
    return this.add(x, theirs);
  }

  view(x: PlainSecret, { shape, strides, offset }: StridedView): PlainSecret {
    return this.fill('view', shape, [x], (out, a) => this.ring.gather(out, a, shape, strides, offset), {
      strides,
      offset,
    });
  }

  concat(parts: readonly PlainSecret[], axis: number): PlainSecret {
    const of = parts.map((part) => part.shape);
    const shape = checks.concatShape(of, axis);
    return this.fill('concat', shape, parts, (out, ...words) => concatWords(out, words, of, axis), { axis });
  }

  take(x: PlainSecret, axis: number, positions: readonly number[]): PlainSecret {
    const shape = checks.takeShape(x.shape, axis, positions);
    const write = (out: Words, a: Words) => takeWords(out, a, x.shape, axis, positions);
    return this.fill('take', shape, [x], write, selection(axis, positions));
  }

  pad(x: PlainSecret, pads: readonly number[], word: bigint): PlainSecret {
    const shape = checks.padShape(x.shape, pads);
    const write = (out: Words, a: Words) => this.ring.pad(out, a, x.shape, pads, word);
    return this.fill('pad', shape, [x], write, { pads, word: `${word}` });
  }

  sumAxes(x: PlainSecret, axes: readonly number[], keepDims: boolean): PlainSecret {
    const shape = checks.sumShape(x.shape, axes, keepDims);
    return this.compute('sum', shape, [x], (a) => this.ring.sumAxes(a, x.shape, axes, keepDims).words, {
      axes,
    });
  }

  windowSum(x: PlainSecret, geometry: WindowGeometry): PlainSecret {
    const shape = checks.windowShape('windowSum', x.shape, geometry);
    const [batch, channels, height, width] = x.shape;
    const sizes = { planes: batch * channels, height, width, ...geometry };
    return this.fill('window-sum', shape, [x], (out, a) => this.ring.windowSum2d(out, a, sizes), {
      ...geometry,
    });
  }

  // --- products ---

  applyPublic(f: Bilinear, x: PlainSecret, y: Words, shape: readonly number[]): PlainSecret {
    const write = (out: Words, a: Words) => applyBilinear(this.ring, f, out, a, y, false);
    return this.fill(`public-${f.op}`, shape, [x], write, { f, y: fingerprint(y) });
  }

  prepare(x: PlainSecret): PlainSecret {
    return x.prepared();
  }

  prepareToward(x: PlainSecret): PlainSecret {
    return x.prepared();
  }

  privateOperand(
    owner: number,
    shape: readonly number[],
    words: Given<Words> | ((out: Words) => void),
    scale?: number,
  ): PlainSecret {
    if (typeof words !== 'function') return this.input(owner, shape, words, scale);
    const out = new BigUint64Array(sizeOf(shape));
    words(out);
    return this.input(owner, shape, out, scale);
  }

  viewPrepared(x: PlainSecret, view: StridedView): PlainSecret {
    const { id, shape, value } = this.view(x, view);
    return new PlainSecret(id, shape, value, x.lifetime);
  }

  bilinear(f: Bilinear, x: PlainSecret, y: PlainSecret, shape: readonly number[], bits = 0): PlainSecret {
    if (bits !== 0) checkTruncation({ f: bits, l: this.config.window });
    const write = (out: Words, a: Words, b: Words) => {
      applyBilinear(this.ring, f, out, a, b, false);
      this.ring.shrS(out, out, bits);
    };
    return this.fill(f.op, shape, [x, y], write, { f, bits });
  }

  multiply(x: PlainSecret, y: PlainSecret, bits?: number): PlainSecret {
    checks.checkSameShape('multiply', x.shape, y.shape);
    return this.bilinear({ op: 'mul', n: x.size }, x, y, x.shape, bits);
  }

  square(x: PlainSecret, bits?: number): PlainSecret {
    return this.multiply(x, x, bits);
  }

  bilinearPrivate(
    f: Bilinear,
    x: PlainSecret,
    w: PlainSecret,
    weightsRight: boolean,
    shape: readonly number[],
    bits?: number,
  ): PlainSecret {
    return weightsRight ? this.bilinear(f, x, w, shape, bits) : this.bilinear(f, w, x, shape, bits);
  }

  // --- not linear ---

  truncate(x: PlainSecret, bits: number): PlainSecret {
    checkTruncation({ f: bits, l: this.config.window });
    return this.fill('truncate', x.shape, [x], (out, a) => this.ring.shrS(out, a, bits), { bits });
  }

  floor(x: PlainSecret, bits: number): PlainSecret {
    return this.truncate(x, bits);
  }

  relu(
    x: PlainSecret,
    { drop = 0, bit: wanted = false }: { readonly drop?: number; readonly bit?: boolean } = {},
  ): { readonly y: PlainSecret; readonly bit?: PlainSecret } {
    if (drop !== 0) checkTruncation({ f: drop, l: this.config.window });
    const y = this.each('relu', x, (v) => (v > 0n ? v >> BigInt(drop) : 0n), { drop });
    return wanted ? { y, bit: this.each('relu/bit', x, (v) => bit(v > 0n)) } : { y };
  }

  nonNegative(x: PlainSecret): PlainSecret {
    return this.each('non-negative', x, (v) => bit(v >= 0n));
  }

  isZero(x: PlainSecret): PlainSecret {
    return this.each('is-zero', x, (v) => bit(v === 0n));
  }

  signum(x: PlainSecret): PlainSecret {
    return this.each('signum', x, (v) => bit(v > 0n) - bit(v < 0n));
  }

  clip(
    x: PlainSecret,
    { low, high, drop = 0 }: { readonly low?: bigint; readonly high?: bigint; readonly drop?: number },
  ): PlainSecret {
    checks.checkBounds(low, high);
    const bounded = (v: bigint) => {
      if (low !== undefined && v < low) return low;
      return high !== undefined && v > high ? high : v;
    };
    const facts = { low: `${low}`, high: `${high}`, drop };
    return this.each('clip', x, (v) => bounded(v >> BigInt(drop)), facts);
  }

  piecewise(x: PlainSecret, f: Piecewise): PlainSecret {
    checks.checkPiecewise(f, this.config.window);
    return this.each('piecewise', x, (v) => piecewiseValue(f, v), { f: f.fingerprint, drop: f.drop });
  }

  octaveFunction(kind: OctaveFunction, x: PlainSecret, scale: number, octaves: Octaves = {}): PlainSecret {
    const { low } = octavesOf(kind, this.config.fractionBits, octaves, scale);
    const least = 2 ** low;
    const result = 2 ** (octaves.moreBits ?? 0);
    const f = (v: number): number => {
      if (kind === 'log') return Math.log(Math.max(v, least));
      if (kind === 'sqrt') return v < least ? 0 : Math.sqrt(v);
      if (kind === 'invSqrt') return 1 / Math.sqrt(Math.max(v, least));
      const size = 1 / Math.max(Math.abs(v), least);
      return v < 0 ? (octaves.signed ? -size : 1 / least) : size;
    };
    return this.#real(kind, x, scale, (v) => result * f(v));
  }

  inverseRoot(
    x: PlainSecret,
    scale: number,
    { finerBits, factor = 1, ...octaves }: InverseRootOptions,
  ): { value: PlainSecret; finer: PlainSecret } {
    const { fractionBits } = this.config;
    const least = 2 ** octavesOf('invSqrt', fractionBits, octaves, scale).low;
    const root = (v: number) => factor / Math.sqrt(Math.max(v, least));
    const [value, finer] = [fractionBits, fractionBits + finerBits].map((bits) =>
      this.compute('inverse root', x.shape, [x], (a) => eachReal(this.ring, a, scale, bits, root), {
        scale,
        bits,
        factor,
      }),
    );
    return { value, finer };
  }

  quotient(x: PlainSecret, y: PlainSecret, options: QuotientOptions = {}): PlainSecret {
    const view = broadcastTo(y.shape, x.shape);
    const { fractionBits } = this.config;
    const least = 2 ** octavesOf('reciprocal', fractionBits, options).low;
    return this.compute('quotient', x.shape, [x, y], (a, b) => {
      const divisors = this.ring.decode(applyViews(this.ring, b, [view]), fractionBits);
      const quotients = this.ring.decode(a, fractionBits).map((v, i) => {
        const d = divisors[i];
        return v / (d < 0 ? Math.min(d, -least) : Math.max(d, least));
      });
      return this.ring.encode(quotients, fractionBits);
    });
  }

  tabulated(x: PlainSecret, scale: number, table: SplineTable): PlainSecret {
    const f = tableAtScale(table, scale);
    const drop = BigInt(table.totalBits - this.config.fractionBits);
    const half = 1n << (drop - 1n);
    return this.each('tabulated', x, (v) => (piecewiseValue(f, v) + half) >> drop, {
      f: f.fingerprint,
      scale,
    });
  }

  sigmoid(x: PlainSecret, scale: number): PlainSecret {
    return this.#real('sigmoid', x, scale, (v) => 1 / (1 + Math.exp(-v)));
  }

  tanh(x: PlainSecret, scale: number): PlainSecret {
    return this.#real('tanh', x, scale, Math.tanh);
  }

  exp(x: PlainSecret, scale: number): PlainSecret {
    return this.#real('exp', x, scale, (v) => (v < 10.25 ? Math.exp(v) : 2 ** 15));
  }

  sine(kind: 'sin' | 'cos', x: PlainSecret, scale: number): PlainSecret {
    return this.#real(kind, x, scale, Math[kind]);
  }

  #real(kind: string, x: PlainSecret, scale: number, f: (v: number) => number): PlainSecret {
    const { fractionBits } = this.config;
    return this.compute(kind, x.shape, [x], (a) => eachReal(this.ring, a, scale, fractionBits, f), {
      scale,
    });
  }

  extreme(kind: Extreme, x: PlainSecret): PlainSecret {
    const shape = checks.extremeShape(kind, x.shape);
    return this.compute(kind, shape, [x], (a) => {
      const rows = extremeRows(kind, a, x.shape[0]);
      return BigUint64Array.from(rows, (row, column) => a[row * rows.length + column]);
    });
  }

  argExtreme(
    kind: Extreme,
    x: PlainSecret,
    { value = false }: { readonly value?: boolean } = {},
  ): { readonly index: PlainSecret; readonly value?: PlainSecret } {
    const shape = checks.extremeShape(kind, x.shape);
    const index = this.compute(`arg-${kind}`, shape, [x], (a) =>
      BigUint64Array.from(extremeRows(kind, a, x.shape[0]), BigInt),
    );
    return value ? { index, value: this.extreme(kind, x) } : { index };
  }

  oneHot(x: PlainSecret, depth: number): PlainSecret {
    const bits = checks.indexBits(depth);
    return this.compute('one-hot', [...x.shape, depth], [x], (a) => {
      const rows = new BigUint64Array(a.length * depth);
      a.forEach((v, i) => {
        const place = Number(BigInt.asUintN(bits, v));
        if (place < depth) rows[i * depth + place] = 1n;
      });
      return rows;
    });
  }

  maxPool2d(x: PlainSecret, window: MaxPoolWindow): PlainSecret {
    const shape = checks.maxPoolShape(x.shape, window);
    return this.compute('max-pool', shape, [x], (a) => maxima(a, x.shape, window), { window });
  }

  // --- order ---

  shuffle(x: PlainSecret): PlainSecret {
    checks.checkRows('shuffle', x.shape);
    const [lanes, rows, width] = x.shape;
    return this.fill('shuffle', x.shape, [x], (out, a) => {
      const sources = randomPermutations(lanes, rows, ({ length }) => randomWords(length));
      moveRows(out, a, sources, lanes, width);
    });
  }

  sort(
    x: PlainSecret,
    options: SortOptions = {},
  ): { readonly values: PlainSecret; readonly indices: PlainSecret } {
    const { keep, largest } = checks.checkSorting(x.shape, options, this.config.window);
    const [lanes, n] = x.shape;
    const shape = [lanes, keep];
    const places = this.compute('sort', shape, [x], (a) => sortedPlaces(a, lanes, n, keep, largest), {
      largest,
    });
    const values = this.compute('sorted', shape, [x, places], (a, b) =>
      BigUint64Array.from(b, (place, i) => a[Math.floor(i / keep) * n + Number(place)]),
    );
    return { values, indices: places };
  }
}
