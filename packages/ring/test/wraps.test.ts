import { expect } from 'chai';
import fc from 'fast-check';
import { stepWords } from '../src/floors.js';
import { planeWords } from '../src/planes.js';
import { signed, wrap } from '../src/reference/word.js';
import { lowHalf, wrapCombine } from '../src/reference/wraps.js';
import type { Words } from '../src/words.js';
import { check, expectCode, expectSame, loadedRing, wordSource } from './support.js';

const ring = loadedRing();

/** The whole protocol for one number in any width, the masks and the share t_0 given. */
function truncated(
  x: bigint,
  x0: bigint,
  a: bigint,
  b: bigint,
  t0: bigint,
  width: number,
  f: number,
): bigint {
  const x1 = BigInt.asUintN(width, x - x0);
  const d0 = lowHalf(x0, width, true) ^ a;
  const d1 = lowHalf(x1, width, false) ^ b;
  const t1 = a * b - t0;
  const y0 = wrapCombine(x0, t0, d0, d1, width, f, true);
  const y1 = wrapCombine(x1, t1, d1, d0, width, f, false);
  return BigInt.asIntN(width, y0 + y1);
}

const floor = (x: bigint, f: number): bigint => x >> BigInt(f);

describe('ring: truncation of shares on their own', () => {
  it('is the floor or one more, unbiased over the shares: all numbers, shares and masks of small widths', () => {
    for (const [width, f] of [
      [4, 1],
      [5, 2],
      [6, 1],
      [6, 3],
      [7, 4],
    ]) {
      const size = 1n << BigInt(width);
      const limit = size >> 2n;
      for (let x = 1n - limit; x < limit; x++) {
        let up = 0n;
        for (let x0 = 0n; x0 < size; x0++)
          for (let masks = 0n; masks < 4n; masks++) {
            const t0 = (x0 * 5n + 3n) % (1n << BigInt(f));
            const y = truncated(x, x0, masks & 1n, masks >> 1n, t0, width, f);
            const more = y - floor(x, f);
            if (more !== 0n && more !== 1n) expect.fail(`${x} >> ${f} with share ${x0} gave ${y}`);
            up += more;
          }
        // One more with probability frac(x / 2^f), exactly.
        expect(up).equal((4n * size * (x - (floor(x, f) << BigInt(f)))) >> BigInt(f));
      }
    }
  });

  it('is right for all magnitudes in 64 bits, edge values included', () => {
    const edge = (1n << 62n) - 1n;
    const number = fc.oneof(
      fc.constantFrom(0n, 1n, -1n, edge, -edge, edge - 1n, 1n << 61n, -(1n << 61n), 1n << 16n, -(1n << 16n)),
      fc.tuple(fc.bigInt({ min: -edge, max: edge }), fc.nat(61)).map(([x, bits]) => x >> BigInt(bits)),
    );
    const share = fc.oneof(
      fc.constantFrom(0n, 1n, (1n << 64n) - 1n, 1n << 63n, (1n << 63n) - 1n, 1n << 62n, (1n << 62n) - 1n),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    );
    const bit = fc.constantFrom(0n, 1n);
    check(
      fc.property(
        number,
        share,
        bit,
        bit,
        fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }),
        fc.integer({ min: 1, max: 32 }),
        (x, x0, a, b, t0, f) => {
          const y = truncated(x, x0, a, b, t0, 64, f);
          expect([0n, 1n]).include(y - floor(x, f));
        },
      ),
    );
  });

  const cases = fc.record({
    seed: fc.integer(),
    n: fc.oneof(fc.constantFrom(0, 1, 2, 3, 63, 64, 65, 127, 128, 129, 8193), fc.nat(300)),
    f: fc.integer({ min: 1, max: 32 }),
    first: fc.boolean(),
    inScratch: fc.boolean(),
  });
  const bitOf = (plane: Words, i: number): bigint => (plane[i >> 6] >> BigInt(i & 63)) & 1n;
  const halfOf = (words: Words, i: number): bigint => (words[i >> 1] >> BigInt(32 * (i & 1))) & 0xffffffffn;

  it('computes what the reference computes', () => {
    check(
      fc.property(cases, ({ seed, n, f, first, inScratch }) => {
        const { scratch } = ring();
        const mark = scratch.mark();
        const source = wordSource(seed);
        const words = (count: number) => (inScratch ? scratch.words(count) : new BigUint64Array(count));
        const copy = (from: Words) => {
          const to = words(from.length);
          to.set(from);
          return to;
        };
        const planeLength = Math.ceil(n / 64);
        const [x, own, theirs] = [copy(source(n)), copy(source(planeLength)), copy(source(planeLength))];
        const t = copy(source(stepWords(n)));
        const plane = words(planeWords(n));
        plane.fill(~0n);
        ring().lowHalves(plane, x, first);
        for (let i = 0; i < plane.length * 64; i++)
          if (bitOf(plane, i) !== (i < n ? lowHalf(x[i], 64, first) : 0n)) expect.fail(`bit ${i} of ${n}`);
        const both = words(stepWords(n));
        both.fill(~0n);
        ring().bothBits(both, own, theirs, n);
        for (let i = 0; i < 2 * both.length; i++)
          if (halfOf(both, i) !== (i < n ? bitOf(own, i) & bitOf(theirs, i) : 0n))
            expect.fail(`both ${i} of ${n}`);
        const wanted = BigUint64Array.from(x, (v, i) =>
          wrap(signed(wrapCombine(v, halfOf(t, i), bitOf(own, i), bitOf(theirs, i), 64, f, first))),
        );
        const out = words(n);
        ring().wrapCombine(out, x, t, own, theirs, f, first);
        expectSame(out, wanted);
        ring().wrapCombine(x, x, t, own, theirs, f, first);
        expectSame(x, wanted);
        scratch.release(mark);
      }),
    );
  });

  it('refuses planes and arrays that are too short, and too many bits', () => {
    const words = (count: number) => new BigUint64Array(count);
    expectCode(() => ring().lowHalves(words(1), words(65), true), 'RING_SHAPE');
    expectCode(() => ring().bothBits(words(1), words(1), words(1), 3), 'RING_SHAPE');
    expectCode(
      () => ring().wrapCombine(words(2), words(2), words(1), words(1), words(0), 3, true),
      'RING_SHAPE',
    );
    expectCode(
      () => ring().wrapCombine(words(2), words(2), words(1), words(1), words(1), 33, true),
      'RING_ARGUMENT',
    );
  });
});
