/** Cases of what is not linear: exact, rounded where bits are dropped, approximate where a function is tabulated. */
import { type Distribution, Piecewise, splineTables } from '@tacit/mpc';
import { expect } from 'chai';
import { type Case, computes } from './cases.js';
import { type Draw, map, type Numbers, signed } from './numbers.js';
import { maxPool } from './reference.js';

const bit = (condition: boolean): bigint => (condition ? 1n : 0n);
const bounded = (low: bigint, v: bigint, high: bigint): bigint => (v < low ? low : v > high ? high : v);

/** Fraction bits of results, by default. */
const FRACTION_BITS = 16;
/** Largest error of tanh and the sigmoid: 2e-4, in units of 2^-16. */
const TABULATED = 14n;
/** That of the exponential up to e: 2^-13.5 of it, and two units. */
const EXPONENTIAL = 17n;

/** Largest errors of functions by octaves, 2^-10 of the largest value below, in units of 2^-16. */
const OCTAVES = { log: 64n, sqrt: 2100n, invSqrt: 5900n, reciprocal: 130n };
/** Numbers, and what their inverse roots are multiplied by. */
const INVERSE_ROOTS = [
  [0.01, 1],
  [3, 0.75],
  [2 ** 27, 1],
] as const;
const FINER_BITS = 14;
/** The same of the quotients below. */
const QUOTIENT = 14n << 6n;

/** Real numbers at a scale, and a function of them at 16 fraction bits. */
const encoded = (values: readonly number[], scale: number): Numbers => ({
  shape: [values.length],
  values: values.map((v) => BigInt(Math.round(v * 2 ** scale))),
});

/** What is drawn, between which numbers, and how many different ones there are at least. */
const DRAWN: readonly [Distribution, low: bigint, high: bigint, values: number][] = [
  [{ kind: 'uniform', bits: 16 }, 0n, 2n ** 16n, 500],
  [{ kind: 'uniform', bits: 63 }, 0n, 2n ** 63n, 600],
  [{ kind: 'uniform', bits: 0 }, 0n, 1n, 1],
  [{ kind: 'normal', bits: 16 }, -10n << 16n, 10n << 16n, 500],
  [{ kind: 'bernoulli', probability: 0.5 }, 0n, 2n, 2],
  [{ kind: 'bernoulli', probability: 0 }, 0n, 1n, 1],
  [{ kind: 'bernoulli', probability: 1 }, 1n, 2n, 1],
];
const WRONG: readonly Distribution[] = [
  { kind: 'uniform', bits: 64 },
  { kind: 'uniform', bits: 1.5 },
  { kind: 'normal', bits: -1 },
  { kind: 'bernoulli', probability: 1.1 },
  { kind: 'bernoulli', probability: Number.NaN },
];

/** A row for each element: 1 at its place mod a power of two. */
const oneHotRows = ({ shape, values }: Numbers, depth: number, period: bigint): Numbers => ({
  shape: [...shape, depth],
  values: values.flatMap((v) =>
    Array.from({ length: depth }, (_, j) => bit(((v % period) + period) % period === BigInt(j))),
  ),
});

export function nonLinearCases(draw: Draw) {
  const whole = draw.tensor([40], 62);
  const x = draw.tensor([40], 61);
  const rows = draw.tensor([5, 2, 4], 61);
  const ties: Numbers = { shape: [4, 3], values: [1n, 5n, -2n, 1n, 7n, -2n, 0n, 7n, -3n, 1n, 7n, -2n] };
  const image = draw.tensor([1, 2, 5, 6], 61);
  const reals = [...Array.from({ length: 50 }, (_, i) => (i - 25) / 3.1), 0, 12.5, -12.5, 3000, -3000];
  const powers = reals.filter((v) => v < 1);
  const pieces = new Piecewise('a test', [-10n, 0n, 7n], [[3n], [1n, 2n], [0n, -1n, 1n], [5n]]);
  const pieceValue = (v: bigint): bigint => (v < -10n ? 3n : v < 0n ? 1n + 2n * v : v < 7n ? v * v - v : 5n);
  const near: Numbers = { shape: [40], values: Array.from({ length: 40 }, (_, i) => BigInt(i) - 20n) };
  const first = { shape: rows.shape.slice(1) };
  const column = (x: Numbers, i: number): bigint[] =>
    x.values.filter((_, at) => at % (x.values.length / x.shape[0]) === i);
  const extremes = (x: Numbers, pick: (values: bigint[]) => bigint): Numbers => ({
    shape: x.shape.slice(1),
    values: Array.from({ length: x.values.length / x.shape[0] }, (_, i) => pick(column(x, i))),
  });
  const largest = (values: bigint[]) => values.reduce((a, b) => (a > b ? a : b));
  const smallest = (values: bigint[]) => values.reduce((a, b) => (a < b ? a : b));
  const overlapping = {
    kernel: [3, 2],
    stride: [2, 1],
    dilation: [1, 2],
    before: [1, 1],
    outputSize: [3, 5],
  } as const;
  const square = {
    kernel: [2, 2],
    stride: [2, 2],
    dilation: [1, 1],
    before: [0, 0],
    outputSize: [2, 3],
  } as const;
  const tabulated = (name: 'sigmoid' | 'tanh', f: (v: number) => number): Case =>
    computes(
      [encoded(reals, FRACTION_BITS), encoded(reals, 2 * FRACTION_BITS)],
      (e, a, b) => [e[name](a, FRACTION_BITS), e[name](b, 2 * FRACTION_BITS)],
      () => [0, 1].map(() => encoded(reals.map(f), FRACTION_BITS)),
      TABULATED,
    );
  return {
    truncate: computes(
      [x],
      (e, a) => [e.truncate(a, 16), e.truncate(a, 40)],
      () => [16n, 40n].map((f) => map(x, (v) => v >> f)),
      'rounding',
    ),
    floor: computes(
      [x],
      (e, a) => [e.floor(a, 16), e.floor(a, 1), e.floor(a, 40)],
      () => [16n, 1n, 40n].map((f) => map(x, (v) => v >> f)),
    ),
    oneHot: computes(
      [whole, { shape: [2, 3], values: [0n, 4n, 3n, 8n, -1n, 5n] }],
      (e, a, b) => [e.oneHot(a, 8), e.oneHot(b, 5), e.oneHot(b, 1), e.oneHot(b, 0)],
      () => [
        oneHotRows(whole, 8, 8n),
        oneHotRows({ shape: [2, 3], values: [0n, 4n, 3n, 0n, 7n, 5n] }, 5, 8n),
        oneHotRows({ shape: [2, 3], values: [0n, 0n, 1n, 0n, 1n, 1n] }, 1, 2n),
        { shape: [2, 3, 0], values: [] },
      ],
    ),
    random: async ({ parties, run }) => {
      const results = await run(parties, (engine) =>
        Promise.all(
          DRAWN.map(async ([distribution]) => {
            const two = [0, 1].map(() => engine.random([2, 300], distribution));
            const words = await Promise.all(two.map((drawn) => engine.reveal(drawn)));
            return words.map((all) => signed(all ?? new BigUint64Array(0)));
          }),
        ),
      );
      for (const tensors of results) {
        expect(tensors, 'what the parties learned').deep.equal(results[0]);
        tensors.forEach((draws, i) => {
          const [, low, high, values] = DRAWN[i];
          for (const drawn of draws) {
            expect(drawn.length).equal(600);
            expect(drawn.every((v) => v >= low && v < high)).equal(true);
            expect(new Set(drawn).size).least(values);
          }
          if (values > 1) expect(draws[0]).not.deep.equal(draws[1]);
        });
      }
      await run(parties, (engine) => {
        for (const wrong of WRONG) expect(() => engine.random([2], wrong)).throws(RangeError);
        expect(engine.random([0, 2], { kind: 'uniform', bits: 1 }).shape).deep.equal([0, 2]);
      });
    },
    relu: async (setting) => {
      await computes(
        [whole],
        (e, a) => {
          const { y, bit: b } = e.relu(a, { bit: true });
          return b ? [y, b, e.relu(a).y] : [];
        },
        () =>
          [
            (v: bigint) => bounded(0n, v, v),
            (v: bigint) => bit(v > 0n),
            (v: bigint) => bounded(0n, v, v),
          ].map((f) => map(whole, (v) => (v < 0n ? 0n : f(v)))),
      )(setting);
      await computes(
        [x],
        (e, a) => [e.relu(a, { drop: 20 }).y],
        () => [map(x, (v) => (v < 0n ? 0n : v >> 20n))],
        'rounding',
      )(setting);
    },
    nonNegative: computes(
      [whole],
      (e, a) => [e.nonNegative(a)],
      () => [map(whole, (v) => bit(v >= 0n))],
    ),
    isZero: computes(
      [whole],
      (e, a) => [e.isZero(a)],
      () => [map(whole, (v) => bit(v === 0n))],
    ),
    signum: computes(
      [x],
      (e, a) => [e.signum(a)],
      () => [map(x, (v) => bit(v > 0n) - bit(v < 0n))],
    ),
    clip: async (setting) => {
      await computes(
        [x],
        (e, a) => [
          e.clip(a, { low: -9n, high: 1n << 40n }),
          e.clip(a, { low: 3n }),
          e.clip(a, { high: -3n }),
        ],
        () => [
          map(x, (v) => bounded(-9n, v, 1n << 40n)),
          map(x, (v) => (v < 3n ? 3n : v)),
          map(x, (v) => (v > -3n ? -3n : v)),
        ],
      )(setting);
      await computes(
        [x],
        (e, a) => [e.clip(a, { low: -100n, high: 70000n, drop: 12 })],
        () => [map(x, (v) => bounded(-100n, v >> 12n, 70000n))],
        'rounding',
      )(setting);
    },
    piecewise: computes(
      [near, x],
      (e, a, b) => [e.piecewise(a, pieces), e.piecewise(b, pieces)],
      () => [map(near, pieceValue), map(x, pieceValue)],
    ),
    sigmoid: tabulated('sigmoid', (v) => 1 / (1 + Math.exp(-v))),
    octaveFunction: async (setting) => {
      const positive = [2 ** -13, 0.01, 0.5, 1, 1.5, 3, 1000.25];
      const functions = { log: Math.log, sqrt: Math.sqrt, invSqrt: (v: number) => 1 / Math.sqrt(v) };
      for (const kind of ['log', 'sqrt', 'invSqrt'] as const)
        await computes(
          [encoded(positive, FRACTION_BITS)],
          (e, a) => [e.octaveFunction(kind, a, FRACTION_BITS)],
          () => [encoded(positive.map(functions[kind]), FRACTION_BITS)],
          OCTAVES[kind],
        )(setting);
      const divisors = [0.5, 1, -1.5, 3, -1000.25, 2 ** 27];
      await computes(
        [encoded(divisors, FRACTION_BITS)],
        (e, a) => [e.octaveFunction('reciprocal', a, FRACTION_BITS, { signed: true })],
        () => [
          encoded(
            divisors.map((v) => 1 / v),
            FRACTION_BITS,
          ),
        ],
        OCTAVES.reciprocal,
      )(setting);
    },
    inverseRoot: async (setting) => {
      for (const [square, factor] of INVERSE_ROOTS) {
        const value = factor / Math.sqrt(square);
        const scales = { value: FRACTION_BITS, finer: FRACTION_BITS + FINER_BITS };
        for (const name of ['value', 'finer'] as const)
          await computes(
            [encoded([square], FRACTION_BITS)],
            (e, a) => [e.inverseRoot(a, FRACTION_BITS, { finerBits: FINER_BITS, factor })[name]],
            () => [encoded([value], scales[name])],
            BigInt(Math.ceil(value * 2 ** (scales[name] - 10))) + 2n,
          )(setting);
      }
    },
    quotient: computes(
      [encoded([1, -7, 0, 2 ** 20, 5], FRACTION_BITS), encoded([3, 0.5, 9, 2 ** 19, -1000], FRACTION_BITS)],
      (e, a, b) => [e.quotient(a, b)],
      () => [encoded([1 / 3, -14, 0, 2, -0.005], FRACTION_BITS)],
      QUOTIENT,
    ),
    tabulated: computes(
      [encoded(reals, FRACTION_BITS), encoded(reals, 2 * FRACTION_BITS)],
      (e, a, b) => [
        e.tabulated(a, FRACTION_BITS, splineTables.softplusResidue),
        e.tabulated(b, 2 * FRACTION_BITS, splineTables.softplusResidue),
      ],
      () =>
        [0, 1].map(() =>
          encoded(
            reals.map((v) => Math.log1p(Math.exp(-Math.abs(v)))),
            FRACTION_BITS,
          ),
        ),
      TABULATED,
    ),
    tanh: tabulated('tanh', Math.tanh),
    exp: computes(
      [
        encoded(powers, FRACTION_BITS),
        encoded(powers, 2 * FRACTION_BITS),
        encoded([0, 10.5, 3000], FRACTION_BITS),
      ],
      (e, a, b, c) => [e.exp(a, FRACTION_BITS), e.exp(b, 2 * FRACTION_BITS), e.exp(c, FRACTION_BITS)],
      () =>
        [powers, powers, [0, 15 * Math.LN2, 15 * Math.LN2]].map((x) =>
          encoded(x.map(Math.exp), FRACTION_BITS),
        ),
      EXPONENTIAL,
    ),
    sine: computes(
      [encoded(reals, FRACTION_BITS), encoded([0, 1000, -1000, 2 ** 20, -1.5], FRACTION_BITS)],
      (e, a, b) => [e.sine('sin', a, FRACTION_BITS), e.sine('cos', b, FRACTION_BITS)],
      () => [
        encoded(reals.map(Math.sin), FRACTION_BITS),
        encoded([0, 1000, -1000, 2 ** 20, -1.5].map(Math.cos), FRACTION_BITS),
      ],
      TABULATED,
    ),
    extreme: computes(
      [rows],
      (e, a) => [e.extreme('max', a), e.extreme('min', a), e.extreme('max', a.reshaped([1, 40]))],
      () => [extremes(rows, largest), extremes(rows, smallest), { shape: [40], values: rows.values }],
    ),
    argExtreme: computes(
      [rows, ties],
      (e, a, b) => {
        const { index, value } = e.argExtreme('max', a, { value: true });
        return value ? [index, value, e.argExtreme('max', b).index, e.argExtreme('min', b).index] : [];
      },
      () => [
        { ...first, values: extremes(rows, (v) => BigInt(v.indexOf(largest(v)))).values },
        extremes(rows, largest),
        { shape: [3], values: [0n, 1n, 0n] },
        { shape: [3], values: [2n, 0n, 2n] },
      ],
    ),
    maxPool2d: computes(
      [image],
      (e, a) => [e.maxPool2d(a, overlapping), e.maxPool2d(a, square)],
      () => [maxPool(image, overlapping), maxPool(image, square)],
    ),
  } satisfies Record<string, Case>;
}
