import { expect } from 'chai';
import fc from 'fast-check';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, loadedRing, placed, wordSource } from './support.js';

const ring = loadedRing();
const EDGES = [0n, 1n, 2n ** 16n - 1n, 2n ** 20n - 1n, 2n ** 20n, 2n ** 21n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const length = fc.oneof(fc.constantFrom(0, 1, 2, 3, 63, 64, 65, 129, 4097), fc.nat(300));

/** The bits of element i, from planes of n elements. */
const bitsOf = (planes: BigUint64Array, n: number, i: number): reference.ExponentialBits => {
  const stride = 2 * Math.ceil(n / 128);
  const bit = (plane: number) => ((planes[plane * stride + (i >> 6)] >> BigInt(i & 63)) & 1n) === 1n;
  return { inside: bit(0), above: bit(1), wrapped: bit(2) };
};
/** Entry i of 32-bit numbers, two to a word. */
const half = (words: BigUint64Array, i: number): bigint =>
  BigInt.asUintN(32, words[i >> 1] >> BigInt(32 * (i & 1)));

describe('ring: powers of masked exponents', () => {
  it('are powers of two', () => {
    for (let p = 0; p < 2 ** 16; p += 7) {
      const got = Number(reference.power(BigInt(p))) / 2 ** 30;
      expect(Math.abs(got / 2 ** (p / 2 ** 16) - 1), `${p}`).most(2 ** -22);
    }
    expect(reference.power(21n << 16n)).equal(1n << 51n);
  });

  it('are what the reference computes, bit by bit', () =>
    check(
      fc.property(
        fc.integer(),
        length,
        fc.integer({ min: 0, max: 43 }),
        fc.boolean(),
        fc.nat(127),
        (seed, n, shift, first, inScratch) => {
          const mark = ring().scratch.mark();
          const source = wordSource(seed);
          const input = source(n);
          input.set(EDGES.slice(0, n).map((v) => BigInt.asUintN(64, v << BigInt(shift))));
          const planes = 6 * Math.ceil(n / 128);
          const halves = Math.ceil(n / 2);
          const [x, bits, words, above, out, made, beta] = placed(
            ring(),
            [input, source(planes), source(8 * n), source(halves), source(n), source(8 * n), source(halves)],
            (i) => ((inScratch >> i) & 1) === 1,
          );
          const wordsOf = (from: BigUint64Array, i: number) =>
            Array.from({ length: 8 }, (_, k) => from[k * n + i]);
          ring().exponentialCombine(out, x, bits, words, above, shift, first);
          expectSame(
            out,
            BigUint64Array.from(x, (c, i) =>
              reference.exponentialCombine(
                c,
                bitsOf(bits, n, i),
                wordsOf(words, i),
                half(above, i),
                shift,
                first,
              ),
            ),
          );
          ring().exponentialMasks(made, beta, x, bits, shift);
          x.forEach((r, i) => {
            const own = bitsOf(bits, n, i);
            expect(wordsOf(made, i)).deep.equal(reference.exponentialMasks(r, own, shift));
            expect(half(beta, i)).equal(own.above ? 1n : 0n);
          });
          if (n % 2 === 1) expect(half(beta, n)).equal(0n);
          ring().scratch.release(mark);
        },
      ),
      60,
    ));

  it('combine to a power of the difference', () => {
    const shift = 17;
    const unit = 2 ** (16 + shift);
    const masks = wordSource(5)(3000);
    masks.forEach((r, i) => {
      const x = -17.1875 + (32 * i) / 3000;
      const c = BigInt.asUintN(64, BigInt(Math.round(x * unit)) + r);
      const place = (w: bigint) => BigInt.asUintN(20, w >> BigInt(shift));
      const wrapped = place(c + 19n * BigInt(unit / 16)) < place(r);
      for (const b of [false, true]) {
        const beta = { inside: b, above: !b, wrapped: i % 3 === 0 };
        const e = { inside: !b, above: !b, wrapped: wrapped !== beta.wrapped };
        const words = reference.exponentialMasks(r, beta, shift);
        const y = reference.exponentialCombine(c, e, words, beta.above ? 1n : 0n, shift, true);
        const got = Number(BigInt.asIntN(64, y)) / 2 ** 46;
        expect(Math.abs(got - 2 ** x), `${x}`).most(2 ** x * 2 ** -14 + 2 ** -17);
      }
    });
  });

  it('refuses what does not fit', () => {
    const words = (n: number) => new BigUint64Array(n);
    const make = (n: number, planes: number, dealt: number, above: number, shift: number) => () => {
      ring().exponentialMasks(words(dealt), words(above), words(n), words(planes), shift);
    };
    make(3, 6, 24, 2, 43)();
    expectCode(make(3, 4, 24, 2, 0), 'RING_SHAPE');
    expectCode(make(3, 6, 8, 2, 0), 'RING_SHAPE');
    expectCode(make(3, 6, 24, 3, 0), 'RING_SHAPE');
    expectCode(make(3, 6, 24, 2, 44), 'RING_ARGUMENT');
    expectCode(
      () => ring().exponentialCombine(words(3), words(2), words(6), words(24), words(2), 0, true),
      'RING_SHAPE',
    );
  });
});
