/** Values at the borders of windows, tensors of no element and of one. */
import { expect } from 'chai';
import type { Session } from '../src/index.js';
import { argExtremeOfFirstAxis } from '../src/protocols/arg-max.js';
import { clip } from '../src/protocols/clip.js';
import { exponential } from '../src/protocols/exponential.js';
import { shareInput } from '../src/protocols/input.js';
import { isZero } from '../src/protocols/is-zero.js';
import { linearMasked } from '../src/protocols/linear.js';
import { maskOnce } from '../src/protocols/mask.js';
import { extremeOfFirstAxis } from '../src/protocols/max.js';
import { multiplyMasked } from '../src/protocols/multiply.js';
import { nonNegative } from '../src/protocols/non-negative.js';
import { ownedLinear } from '../src/protocols/owned-linear.js';
import { maskToward, Owned } from '../src/protocols/owned-operand.js';
import { productBits } from '../src/protocols/product-form.js';
import { relu } from '../src/protocols/relu.js';
import { reveal } from '../src/protocols/reveal.js';
import { sigmoid } from '../src/protocols/sigmoid.js';
import { signum } from '../src/protocols/signum.js';
import { sine } from '../src/protocols/sine.js';
import { squareMasked } from '../src/protocols/square.js';
import { tanh } from '../src/protocols/tanh.js';
import { truncate } from '../src/protocols/truncate.js';
import { truncateExact } from '../src/protocols/truncate-exact.js';
import type { Share } from '../src/runtime/share.js';
import { matmul } from './helpers/numbers.js';
import { compute, runParties, signed, words } from './helpers/parties.js';

const floor = (v: bigint, f: number): bigint => v >> BigInt(f);

describe('borders of the window', () => {
  for (const l of [8, 9, 31, 32, 48, 63, 64]) {
    const power = (k: number) => 1n << BigInt(k);
    /** Everything near the border 2^k, and near 0. */
    const near = (k: number) =>
      [-2n, -1n, 0n, 1n, 2n].flatMap((d) => [d, power(k) - 3n + d, -power(k) + 2n + d]);

    it(`comparisons, ReLU and equality of ${l} bits are exact for -2^${l - 1} <= x < 2^${l - 1}`, async () => {
      const x = near(l - 1);
      const options = { window: l };
      expect((await compute(2, [x], (s, a) => nonNegative(s, a, options))).values).deep.equal(
        x.map((v) => (v >= 0n ? 1n : 0n)),
      );
      expect((await compute(3, [x], (s, a) => relu(s, a, options))).values).deep.equal(
        x.map((v) => (v >= 0n ? v : 0n)),
      );
      expect((await compute(2, [x], (s, a) => isZero(s, a, options))).values).deep.equal(
        x.map((v) => (v === 0n ? 1n : 0n)),
      );
    });

    it(`truncations of ${l} bits err by 0 or 1 for -2^${l - 2} <= x < 2^${l - 2}, exact ones not at all`, async () => {
      const x = near(l - 2);
      for (const f of [1, Math.min(16, l - 3), l - 3]) {
        for (const parties of [2, 3]) {
          const rounded = (await compute(parties, [x], (s, a) => truncate(s, a, f, l))).values;
          rounded.forEach((v, i) => {
            expect(v - floor(x[i], f), `${x[i]} by ${f} bits, ${parties} parties`).oneOf([0n, 1n]);
          });
        }
        expect((await compute(2, [x], (s, a) => truncateExact(s, a, f, { window: l }))).values).deep.equal(
          x.map((v) => floor(v, f)),
        );
        const positive = (await compute(2, [x], (s, a) => relu(s, a, { window: l, truncate: f }))).values;
        positive.forEach((v, i) => {
          expect(x[i] < 0n ? v : v - floor(x[i], f), `ReLU of ${x[i]} by ${f} bits`).oneOf(
            x[i] < 0n ? [0n] : [0n, 1n],
          );
        });
      }
    });
  }

  for (const parties of [2, 3, 4, 5])
    it(`products that are truncated at once are right as far as the window goes, ${parties} parties`, async () => {
      const s = productBits(parties);
      const half = 1n << BigInt(31 - s);
      const x = [half - 1n, -half, half, 3n, -(1n << BigInt(61 - s)), (1n << BigInt(62 - s)) - 1n];
      const y = [1n << 31n, 1n << 31n, (1n << 31n) - 1n, -5n, 2n, 1n];
      for (const f of [1, 16, 61 - s]) {
        const { values } = await compute(parties, [x, y], (session, a, b) =>
          multiplyMasked(session, maskOnce(session, a), maskOnce(session, b), { f: f + s, l: 64 }),
        );
        values.forEach((v, i) => {
          expect(v - floor(x[i] * y[i], f), `${x[i]} ${y[i]} by ${f}`).oneOf([0n, 1n]);
        });
      }
    });
});

const cut = { f: 4, l: 64 };
/** Products of secrets come doubled between two parties, as they are among three. */
const times = (parties: number, ...values: bigint[]) => values.map((v) => v << BigInt(productBits(parties)));
const product = (s: Session, x: Share, y: Share, f?: typeof cut) =>
  linearMasked(s, { op: 'mul', n: x.size }, maskOnce(s, x), maskOnce(s, y), x.shape, f);
const owned = (s: Session, x: Share, f?: typeof cut) => {
  const w = new Owned(s, 1, x.shape, s.rank === 1 ? words(new Array(x.size).fill(48n)) : undefined);
  return ownedLinear(s, { op: 'mul', n: x.size }, maskToward(s, x, 1), w.opened, true, x.shape, f);
};

/** All operations, with the result for x = 32, and whether it is a product of secrets. */
const operations: Record<
  string,
  { run: (s: Session, x: Share) => Share; at32: bigint[]; ofSecrets?: boolean }
> = {
  product: {
    run: (s, x) => multiplyMasked(s, maskOnce(s, x), maskOnce(s, x)),
    at32: [1024n],
    ofSecrets: true,
  },
  'truncated product': {
    run: (s, x) => multiplyMasked(s, maskOnce(s, x), maskOnce(s, x), cut),
    at32: [64n, 65n],
    ofSecrets: true,
  },
  square: { run: (s, x) => squareMasked(s, maskOnce(s, x)), at32: [1024n], ofSecrets: true },
  'truncated square': {
    run: (s, x) => squareMasked(s, maskOnce(s, x), cut),
    at32: [64n, 65n],
    ofSecrets: true,
  },
  'linear map': { run: (s, x) => product(s, x, x), at32: [1024n], ofSecrets: true },
  'truncated linear map': {
    run: (s, x) => product(s, x, x, cut),
    at32: [64n, 65n],
    ofSecrets: true,
  },
  'product in owner mode': { run: (s, x) => owned(s, x), at32: [1536n] },
  'truncated product in owner mode': { run: (s, x) => owned(s, x, cut), at32: [96n, 97n] },
  truncation: { run: (s, x) => truncate(s, x, 4), at32: [2n, 3n] },
  'exact truncation': { run: (s, x) => truncateExact(s, x, 4), at32: [2n] },
  ReLU: { run: (s, x) => relu(s, x), at32: [32n] },
  comparison: { run: (s, x) => nonNegative(s, x), at32: [1n] },
  equality: { run: (s, x) => isZero(s, x), at32: [0n] },
  clip: { run: (s, x) => clip(s, x, { low: -5n, high: 9n }), at32: [9n] },
  sign: { run: (s, x) => signum(s, x), at32: [1n] },
  sigmoid: {
    run: (s, x) => sigmoid(s, x, 2),
    at32: Array.from({ length: 37 }, (_, i) => 65500n + BigInt(i)),
  },
  tanh: { run: (s, x) => tanh(s, x, 2), at32: [65536n] },
  exponential: { run: (s, x) => exponential(s, x, 1), at32: [1n << 31n] },
  sine: { run: (s, x) => sine(s, 'sin', x, 4), at32: [59590n, 59591n, 59592n, 59593n] },
  maximum: { run: (s, x) => extremeOfFirstAxis(s, 'max', x.reshaped([1, ...x.shape])), at32: [32n] },
  'index of the maximum': {
    run: (s, x) => argExtremeOfFirstAxis(s, 'max', x.reshaped([1, ...x.shape])).index,
    at32: [0n],
  },
};

describe('tensors of no element and of one', () => {
  for (const [name, { run, at32, ofSecrets }] of Object.entries(operations))
    it(name, async () => {
      for (const parties of [2, 3]) {
        for (const shape of [[], [1], [1, 1, 1]]) {
          const { results } = await runParties(parties, (s) => {
            const result = run(s, shareInput(s, 0, shape, s.rank === 0 ? words([32n]) : undefined));
            expect(result.shape).deep.equal(shape);
            return reveal(s, result);
          });
          const wanted = ofSecrets ? at32.flatMap((v) => times(parties, v, v + 1n).slice(0, 2)) : at32;
          for (const value of results) expect(signed(value ?? words([]))[0]).oneOf(wanted);
        }
        for (const shape of [[0], [3, 0, 2]]) {
          const { results } = await runParties(parties, (s) => {
            const result = run(s, shareInput(s, 0, shape, s.rank === 0 ? words([]) : undefined));
            expect(result.shape).deep.equal(shape);
            return reveal(s, result);
          });
          for (const value of results) expect(value?.length).equal(0);
        }
      }
    });

  it('a matrix product over an empty axis is zero', async () => {
    const f = matmul(2, 0, 3);
    const { results } = await runParties(3, (s) => {
      const x = shareInput(s, 0, [2, 0], s.rank === 0 ? words([]) : undefined);
      const y = shareInput(s, 1, [0, 3], s.rank === 1 ? words([]) : undefined);
      return reveal(s, linearMasked(s, f, maskOnce(s, x), maskOnce(s, y), [2, 3]));
    });
    for (const value of results) expect(signed(value ?? words([]))).deep.equal(new Array(6).fill(0n));
  });
});
