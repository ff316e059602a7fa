import { expect } from 'chai';
import fc from 'fast-check';
import type { MatmulSizes, Ring, Words } from '../src/index.js';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, loadedRing, placed, wordSource } from './support.js';

const ring = loadedRing();

/** Large products against the plain loop in WebAssembly, which small ones hold to the reference. */
function plain(r: Ring, a: Words, b: Words, m: number, k: number, n: number): Words {
  const out = new BigUint64Array(m * n);
  r.matmulPlain(out, a, b, m, k, n);
  return out;
}

describe('ring: matmul', () => {
  it('is the triple loop for small sizes, wherever the matrices are', () => {
    const size = fc.integer({ min: 0, max: 37 });
    check(
      fc.property(
        fc.integer(),
        size,
        size,
        size,
        fc.nat(7),
        fc.boolean(),
        (seed, m, k, n, places, accumulate) => {
          const words = wordSource(seed);
          const [a, b, c] = [words(m * k), words(k * n), words(m * n)];
          const product = reference.matmul(a, b, m, k, n);
          expectSame(plain(ring(), a, b, m, k, n), product, 'plain');
          const wanted = accumulate ? reference.map((x, y) => x + y, product, c) : product;
          const mark = ring().scratch.mark();
          const [out, x, y] = placed(ring(), [c, a, b], (i) => ((places >> i) & 1) === 1);
          ring().matmul(out, x, y, { m, k, n, accumulate });
          expectSame(out, wanted, `${m} x ${k} x ${n}`);
          ring().scratch.release(mark);
        },
      ),
      150,
    );
  });

  const SIZES = [
    [1, 3000, 5],
    [3, 100, 1100],
    [1100, 7, 3],
    [2000, 9, 1],
    [2, 1, 40000],
    [1, 40000, 1],
    [5, 5000, 1],
    [131, 127, 137],
    [64, 64, 64],
    [128, 128, 128],
    [129, 255, 130],
    [256, 300, 257],
    [1031, 33, 70],
    [70, 1033, 66],
    [66, 65, 1029],
    [150, 1100, 140],
    [257, 1301, 128],
  ] as const;
  for (const [m, k, n] of SIZES)
    it(`${m} x ${k} x ${n}`, () => {
      const words = wordSource(m + k + n);
      const [a, b, c] = [words(m * k), words(k * n), words(m * n)];
      const wanted = plain(ring(), a, b, m, k, n);
      const out = new BigUint64Array(m * n);
      ring().matmul(out, a, b, { m, k, n });
      expectSame(out, wanted);
      const more = c.slice();
      ring().matmul(more, a, b, { m, k, n, accumulate: true });
      ring().add(c, c, wanted);
      expectSame(more, c, 'accumulated');
    });

  it('Strassen on matrices in scratch memory, in place', () => {
    for (const [m, k, n] of [
      [256, 256, 256],
      [250, 130, 190],
    ]) {
      const words = wordSource(m);
      const [a, b, c] = [words(m * k), words(k * n), words(m * n)];
      const wanted = plain(ring(), a, b, m, k, n);
      const mark = ring().scratch.mark();
      const [x, y, out] = placed(ring(), [a, b, c], () => true);
      ring().matmul(out, x, y, { m, k, n });
      expectSame(out, wanted);
      ring().matmul(out, x, y, { m, k, n, accumulate: true });
      ring().add(wanted, wanted, wanted);
      expectSame(out, wanted);
      ring().scratch.release(mark);
    }
  });

  it('batches, with either side shared', () => {
    const words = wordSource(9);
    const [batch, m, k, n] = [5, 6, 7, 9];
    for (const aBroadcast of [false, true])
      for (const bBroadcast of [false, true])
        for (const accumulate of [false, true]) {
          const a = words((aBroadcast ? 1 : batch) * m * k);
          const b = words((bBroadcast ? 1 : batch) * k * n);
          const out = words(batch * m * n);
          const wanted = out.slice();
          for (let i = 0; i < batch; i++) {
            const x = aBroadcast ? a : a.subarray(i * m * k, (i + 1) * m * k);
            const y = bBroadcast ? b : b.subarray(i * k * n, (i + 1) * k * n);
            const at = wanted.subarray(i * m * n, (i + 1) * m * n);
            const product = reference.matmul(x, y, m, k, n);
            at.set(accumulate ? reference.map((p, q) => p + q, product, at) : product);
          }
          ring().matmul(out, a, b, { m, k, n, batch, aBroadcast, bBroadcast, accumulate });
          expectSame(out, wanted);
        }
  });

  it('gives all scratch back', () => {
    const before = ring().scratch.available;
    const out = new BigUint64Array(300 * 300);
    ring().matmul(out, out.slice(), out.slice(), { m: 300, k: 300, n: 300 });
    expect(ring().scratch.available).to.equal(before);
  });

  it('refuses sizes that do not fit', () => {
    const [six, four] = [new BigUint64Array(6), new BigUint64Array(4)];
    const bad: MatmulSizes[] = [
      { m: 2, k: 3, n: 3 },
      { m: 2, k: 3, n: 2, batch: 2 },
    ];
    for (const sizes of bad) expectCode(() => ring().matmul(four, six, six, sizes), 'RING_SHAPE');
    expectCode(() => ring().matmul(four, six, six, { m: -1, k: 3, n: 2 }), 'RING_ARGUMENT');
  });
});
