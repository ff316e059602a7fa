import { expect } from 'chai';
import fc from 'fast-check';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, loadedRing, placed, wordSource } from './support.js';

const ring = loadedRing();
const EDGES = [0n, 1n, 2n, 2n ** 30n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const length = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 4096, 4097), fc.nat(300));
const term = fc.record({
  frequency: fc.integer({ min: 0, max: 5000 }),
  scale: fc.double({ min: 1, max: 2 ** 18, noNaN: true }),
});

describe('ring: sines', () => {
  it('are sines', () => {
    for (let i = -5000; i <= 5000; i++) {
      const p = Math.round((i / 5000) * 2 ** 31);
      expect(reference.sine(p)).closeTo(Math.sin((2 * Math.PI * p) / 2 ** 32), 1e-6);
    }
  });

  it('are what the reference computes, bit by bit', () =>
    check(
      fc.property(
        fc.integer(),
        length,
        fc.array(term, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: -20, max: 40 }),
        fc.boolean(),
        (seed, n, terms, shift, inScratch) => {
          const mark = ring().scratch.mark();
          const words = wordSource(seed);
          const input = words(n);
          input.set(EDGES.slice(0, n));
          const [x, pairs, out, made] = placed(
            ring(),
            [input, words(n * terms.length), words(n), words(n * terms.length)],
            () => inScratch,
          );
          ring().sineSum(out, x, pairs, shift, terms);
          const wordsOf = (i: number) => terms.map((_, k) => pairs[k * n + i]);
          expectSame(
            out,
            BigUint64Array.from(x, (v, i) => reference.sineSum(v, wordsOf(i), shift, terms)),
          );
          ring().sinePairs(made, x, shift, terms);
          terms.forEach((t, k) => {
            expectSame(
              made.subarray(k * n, (k + 1) * n),
              BigUint64Array.from(x, (v) => reference.sinePair(v, shift, t)),
            );
          });
          ring().scratch.release(mark);
        },
      ),
      60,
    ));

  it('sum to a function of the difference', () => {
    const n = 200;
    const shift = 8;
    const words = wordSource(5);
    const [x, r, c, pairs, sum] = [words(n), words(n), words(n), words(n), words(n)];
    x.forEach((v, i) => {
      x[i] = v & 0xff_ffff_ffffn;
    });
    ring().add(c, x, r);
    ring().sinePairs(pairs, r, shift, [{ frequency: 3, scale: 2 ** 14 }]);
    ring().sineSum(sum, c, pairs, shift, [{ frequency: 3, scale: 2 ** 15 }]);
    sum.forEach((v, i) => {
      const got = Number(BigInt.asIntN(32, v)) / 2 ** 29;
      expect(got).closeTo(Math.sin((2 * Math.PI * 3 * Number(x[i])) / 2 ** 40), 2e-4);
    });
  });

  it('subtracts halves', () => {
    const words = wordSource(6);
    for (const n of [0, 1, 2, 5, 4097]) {
      const [a, b, out] = [words(n), words(n), words(n)];
      ring().subHalves(out, a, b);
      expectSame(out, reference.map(reference.subHalves, a, b));
    }
  });

  it('refuses what does not fit', () => {
    const x = new BigUint64Array(2);
    const terms = [{ frequency: 1, scale: 1 }];
    expectCode(() => ring().sineSum(x, x, new BigUint64Array(3), 0, terms), 'RING_SHAPE');
    expectCode(() => ring().sinePairs(x, x, 64, terms), 'RING_ARGUMENT');
    expectCode(() => ring().sinePairs(x, x, 0, [{ frequency: 0.5, scale: 1 }]), 'RING_ARGUMENT');
  });
});
