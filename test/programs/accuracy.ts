/**
 * Counts wrong results of products, truncations and comparisons over many random inputs of all magnitudes. Run by
 * accuracy.test.ts and accuracy.long.ts through runExported. All parties know the inputs, so that each can make them;
 * the last one compares.
 *
 * Expected products come from the ring's kernels (multiply, shift with sign), which have a suite of their own, and
 * every 997th from BigInt; expected comparisons come from plain comparisons of halves.
 */
import type { Engine, Secret } from '@tacit/mpc';
import type { Ring, Words } from '@tacit/ring';
import type { Party } from '@tacit/tensor';

export interface Errors {
  readonly count: number;
  /** Results outside of what is allowed. */
  readonly wrong: number;
  /** Results that are one unit in the last place above the floor. */
  readonly roundedUp: number;
  /** What roundedUp should be about: the sum of the dropped fractions. */
  readonly expectedUp: number;
}

export interface Accuracy {
  readonly fused: Errors;
  readonly separate: Errors;
  readonly squares: Errors;
  readonly less: Errors;
  readonly equal: Errors;
  readonly relu: Errors;
}

export interface Amounts {
  readonly products: number;
  readonly comparisons: number;
  /** Elements at a time. */
  readonly batch: number;
}

/** Bits that truncations drop. */
const DROP = 16;
const SAMPLE = 997;

/** Public random words, different for every batch and stream. */
function randomWords(ring: Ring, n: number, stream: number, batch: number): Words {
  const out = new BigUint64Array(n);
  const key = Uint32Array.of(0x7ac17, 1, 2, 3, 4, 5, 6, 7);
  ring.chacha(out, key, Uint32Array.of(stream, batch, 0), 0, 12);
  return out;
}

const halves = (w: Words): Int32Array => new Int32Array(w.buffer, w.byteOffset, w.length * 2);

/** Shifts word i, with sign, so that `bits` are left: |w| <= 2^(bits - 1). 1 <= bits <= 64. */
function keepBits(w: Int32Array, i: number, bits: number): void {
  const k = 64 - bits;
  const [low, high] = [w[2 * i], w[2 * i + 1]];
  if (k >= 32) {
    w[2 * i] = high >> (k - 32);
    w[2 * i + 1] = high >> 31;
  } else if (k > 0) {
    w[2 * i] = (low >>> k) | (high << (32 - k));
    w[2 * i + 1] = high >> k;
  }
}

const TOP = 1n << 61n;
const EDGES = [
  0n,
  1n,
  -1n,
  2n,
  -2n,
  65535n,
  65536n,
  -65536n,
  65537n,
  1n << 30n,
  1n << 60n,
  TOP - 1n,
  TOP,
  -TOP,
  1n - TOP,
];
const EDGE_PAIRS = EDGES.flatMap((a) => EDGES.map((b) => [a, b] as const));

/** Factors of all magnitudes with -2^61 <= x y < 2^61: twice that, the form of a product here, must be below 2^62. */
function factors(ring: Ring, n: number, batch: number): [Words, Words] {
  const [x, y, sizes] = [0, 1, 2].map((stream) => randomWords(ring, n, stream, batch));
  const [xh, yh, sh] = [x, y, sizes].map(halves);
  for (let i = 0; i < n; i++) {
    const total = (sh[2 * i] >>> 0) % 62; // bits of the product
    const left = (sh[2 * i + 1] >>> 0) % (total + 1);
    keepBits(xh, i, left + 1);
    keepBits(yh, i, total - left + 1);
  }
  const inDomain = EDGE_PAIRS.filter(([a, b]) => a * b < TOP && a * b >= -TOP);
  if (batch === 0)
    inDomain.slice(0, n).forEach(([a, b], i) => {
      [x[i], y[i]] = [BigInt.asUintN(64, a), BigInt.asUintN(64, b)];
    });
  return [x, y];
}

/** Pairs up to 2^61 in size: of all magnitudes, and every second one equal or nearly so. */
function pairs(ring: Ring, n: number, batch: number): [Words, Words] {
  const [x, y, sizes] = [3, 4, 5].map((stream) => randomWords(ring, n, stream, batch));
  const [xh, yh, sh] = [x, y, sizes].map(halves);
  for (let i = 0; i < n; i++) {
    keepBits(xh, i, 1 + ((sh[2 * i] >>> 0) % 62));
    keepBits(yh, i, 1 + ((sh[2 * i + 1] >>> 8) % 62));
    if (i % 2 === 0) {
      // y = x + d, d in -2..2, or a single bit below 2^31 more
      const random = sh[2 * i + 1] & 255;
      const d = random < 200 ? (random % 5) - 2 : 1 << (random % 31);
      const low = (xh[2 * i] >>> 0) + d;
      yh[2 * i] = low | 0;
      yh[2 * i + 1] = xh[2 * i + 1] + Math.floor(low / 2 ** 32);
    }
  }
  if (batch === 0)
    EDGE_PAIRS.slice(0, n).forEach(([a, b], i) => {
      [x[i], y[i]] = [BigInt.asUintN(64, a), BigInt.asUintN(64, b)];
    });
  return [x, y];
}

class Counter {
  count = 0;
  wrong = 0;
  roundedUp = 0;
  expectedUp = 0;

  /** Counts results of exact >> 16. */
  truncated(ring: Ring, exact: Words, result: Words): void {
    const n = exact.length;
    const difference = new BigUint64Array(n);
    ring.shrS(difference, exact, DROP);
    ring.sub(difference, result, difference);
    const d = halves(difference);
    const e = halves(exact);
    for (let i = 0; i < n; i++) {
      const fraction = e[2 * i] & 0xffff;
      this.expectedUp += fraction / 65536;
      if (d[2 * i] === 0 && d[2 * i + 1] === 0) continue;
      if (d[2 * i] === 1 && d[2 * i + 1] === 0 && fraction > 0) this.roundedUp++;
      else this.wrong++;
    }
    this.count += n;
  }

  /** Counts results that must equal `expected`. */
  exactly(result: Words, expected: Words): void {
    const [r, e] = [halves(result), halves(expected)];
    for (let i = 0; i < expected.length; i++)
      if (r[2 * i] !== e[2 * i] || r[2 * i + 1] !== e[2 * i + 1]) this.wrong++;
    this.count += expected.length;
  }
}

/** The kernels' own product against BigInt, here and there. */
function spotCheck(x: Words, y: Words, exact: Words): void {
  for (let i = 0; i < x.length; i += SAMPLE)
    if (BigInt.asIntN(64, exact[i]) !== BigInt.asIntN(64, x[i]) * BigInt.asIntN(64, y[i]))
      throw new Error(`${x[i]} times ${y[i]} is not ${exact[i]}`);
}

export async function measureAccuracy(
  party: Party,
  { products, comparisons, batch }: Amounts,
): Promise<Accuracy | undefined> {
  const { engine } = party;
  const judge = new Judge(engine);
  const batches = (total: number) =>
    Array.from({ length: Math.ceil(total / batch) }, (_, i) => [i, Math.min(batch, total - i * batch)]);
  for (const [i, n] of batches(products)) await judge.products(...factors(engine.ring, n, i));
  for (const [i, n] of batches(comparisons)) await judge.comparisons(...pairs(engine.ring, n, i));
  return judge.verdict();
}

/** Runs the operations at all parties and counts errors at the last one. */
class Judge {
  readonly #engine: Engine;
  readonly #rank: number;
  readonly #counters = {
    fused: new Counter(),
    separate: new Counter(),
    squares: new Counter(),
    less: new Counter(),
    equal: new Counter(),
    relu: new Counter(),
  };

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#rank = engine.parties - 1;
  }

  verdict(): Accuracy | undefined {
    if (this.#engine.rank !== this.#rank) return undefined;
    const entries = Object.entries(this.#counters).map(([name, counter]) => [name, { ...counter }]);
    return Object.fromEntries(entries) as unknown as Accuracy;
  }

  /** Shares x and y, tells the judge what `run` makes of them, and frees everything. */
  async #run(x: Words, y: Words, run: (a: Secret, b: Secret) => Secret[]): Promise<Words[] | undefined> {
    const engine = this.#engine;
    const a = engine.input(0, [x.length], x);
    const b = engine.input(1, [y.length], y);
    const results = run(a, b);
    const words = await Promise.all(results.map((r) => engine.reveal(r, { to: this.#rank })));
    for (const s of [a, b, ...results]) s.dispose();
    return engine.rank === this.#rank ? (words as Words[]) : undefined;
  }

  async products(x: Words, y: Words): Promise<void> {
    const engine = this.#engine;
    const { ring } = engine;
    // Squares of numbers up to 2^30.
    const small = y.slice();
    ring.shl(small, small, 33);
    ring.shrS(small, small, 33);
    const results = await this.#run(x, y, (a, b) => {
      const [ma, mb] = [engine.prepare(a), engine.prepare(b)];
      const plain = engine.multiply(ma, mb);
      const drop = DROP + engine.productExtraBits;
      const separate = engine.truncate(plain, drop);
      plain.dispose();
      const c = engine.input(0, [small.length], small);
      const square = engine.square(engine.prepare(c), drop);
      c.dispose();
      return [engine.multiply(ma, mb, drop), separate, square];
    });
    if (!results) return;
    const exact = new BigUint64Array(x.length);
    ring.mul(exact, x, y);
    spotCheck(x, y, exact);
    this.#counters.fused.truncated(ring, exact, results[0]);
    this.#counters.separate.truncated(ring, exact, results[1]);
    ring.mul(exact, small, small);
    this.#counters.squares.truncated(ring, exact, results[2]);
  }

  async comparisons(x: Words, y: Words): Promise<void> {
    const engine = this.#engine;
    const results = await this.#run(x, y, (a, b) => {
      const difference = engine.sub(a, b);
      const made = [engine.nonNegative(difference), engine.isZero(difference), engine.relu(a).y];
      difference.dispose();
      return made;
    });
    if (!results) return;
    const [notLess, equal, positive] = [0, 1, 2].map(() => new BigUint64Array(x.length));
    const [xh, yh, gh, eh, ph] = [x, y, notLess, equal, positive].map(halves);
    for (let i = 0; i < x.length; i++) {
      const [low, high] = [2 * i, 2 * i + 1];
      const sameHigh = xh[high] === yh[high];
      gh[low] = Number(sameHigh ? xh[low] >>> 0 >= yh[low] >>> 0 : xh[high] > yh[high]);
      eh[low] = Number(sameHigh && xh[low] === yh[low]);
      if (xh[high] < 0) continue;
      ph[low] = xh[low];
      ph[high] = xh[high];
    }
    this.#counters.less.exactly(results[0], notLess);
    this.#counters.equal.exactly(results[1], equal);
    this.#counters.relu.exactly(results[2], positive);
  }
}
