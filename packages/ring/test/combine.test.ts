import fc from 'fast-check';
import { planeWords, stepWords, type Words } from '../src/index.js';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, loadedRing, placed, wordSource } from './support.js';

const ring = loadedRing();

/** Random shares and a random plane, all on the heap or all in scratch, or mixed. */
function given(
  seed: number,
  n: number,
  count: number,
  places: number,
): { inputs: Words[]; e: Words; out: Words; bits: Words } {
  const words = wordSource(seed);
  const originals = [words(planeWords(n)), words(n), ...Array.from({ length: count }, () => words(n))];
  const [e, out, ...inputs] = placed(ring(), originals, (i) => places === 1 || (places === 2 && i % 2 === 0));
  return { inputs, e, out, bits: BigUint64Array.from({ length: n }, (_, i) => reference.bitOf(e, i)) };
}

const length = fc.oneof(fc.constantFrom(0, 1, 2, 63, 64, 65, 127, 129, 4097, 8191, 8192, 8193), fc.nat(700));
const widths = fc
  .integer({ min: 2, max: 64 })
  .chain((width) => fc.tuple(fc.constant(width), fc.nat(width - 2)));

describe('ring: combines', () => {
  const property = (
    count: number,
    compare: (g: ReturnType<typeof given>, width: number, f: number, first: boolean) => void,
  ): void =>
    check(
      fc.property(
        fc.integer(),
        length,
        widths,
        fc.boolean(),
        fc.nat(2),
        (seed, n, [width, f], first, places) => {
          const mark = ring().scratch.mark();
          compare(given(seed, n, count, places), width, f, first);
          ring().scratch.release(mark);
        },
      ),
      60,
    );

  it('truncCombine', () =>
    property(3, ({ inputs: [c, t0, t1], out }, width, f, first) => {
      ring().truncCombine(out, c, t0, t1, width, f, first);
      const wanted = reference.map(
        (...w) => reference.truncCombine(w[0], w[1], w[2], width, f, first),
        c,
        t0,
        t1,
      );
      expectSame(out, wanted);
      const steps = t1.slice(0, stepWords(t1.length));
      const second = new BigUint64Array(t1.length);
      ring().addSteps(second, t0, steps, width - 1 - f);
      ring().truncCombine(wanted, c, t0, second, width, f, first);
      ring().truncSteps(out, c, t0, steps, width, f, first);
      expectSame(out, wanted);
    }));

  it('reluCombine', () =>
    property(6, ({ inputs: [c, beta, t0, t1, bt0, bt1], e, bits, out }, width, f, first) => {
      const wanted = reference.map(
        (w, bit, b, x, y, z, v) =>
          reference.reluCombine(w, bit, { beta: b, t0: x, t1: y, bt0: z, bt1: v }, width, f, first),
        c,
        bits,
        beta,
        t0,
        t1,
        bt0,
        bt1,
      );
      ring().reluCombine(out, c, e, beta, t0, t1, bt0, bt1, width, f, first);
      expectSame(out, wanted);
    }));

  it('bitCombine and selectCombine', () =>
    property(4, ({ inputs: [v, beta, a, ba], e, bits, out }, _width, _f, first) => {
      ring().bitCombine(out, e, beta, first);
      expectSame(
        out,
        reference.map((bit, b) => reference.bitCombine(bit, b, first), bits, beta),
        'bit',
      );
      const wanted = reference.map(
        (x, bit, b, y, z) => reference.selectCombine(x, bit, b, y, z, first),
        v,
        bits,
        beta,
        a,
        ba,
      );
      ring().selectCombine(out, v, e, beta, a, ba, first);
      expectSame(out, wanted, 'select');
    }));

  it('compute a ReLU with truncation from its opened values, for two parties', () => {
    // The protocol in the clear: mask r, c = x + r, sign bit masked by beta, shares of what the dealer deals.
    const [width, f] = [32, 8];
    const words = wordSource(11);
    const n = 500;
    const x = words(n).map((w) => BigInt.asUintN(64, BigInt.asIntN(width - 1, w)));
    const r = words(n).map((w) => reference.low(w, width));
    const c = reference.map((a, b) => reference.low(a + b, width), x, r);
    const beta = words(n).map((w) => (w >> 7n) & 1n);
    const bits = reference.map((a, b) => 1n ^ (BigInt.asIntN(64, a) < 0n ? 1n : 0n) ^ b, x, beta);
    const e = reference.toPlanes(bits, 0, 1);
    const term = (s: bigint) =>
      reference.map(
        (m) =>
          ((s ^ ((m >> BigInt(width - 1)) & 1n)) << BigInt(width - 1 - f)) -
          (reference.low(m, width - 1) >> BigInt(f)),
        r,
      );
    const [t0, t1] = [term(0n), term(1n)];
    const dealt = [
      beta,
      t0,
      t1,
      reference.map((b, t) => b * t, beta, t0),
      reference.map((b, t) => b * t, beta, t1),
    ];
    const mine = dealt.map(() => words(n));
    const yours = dealt.map((value, i) => reference.map((a, b) => a - b, value, mine[i]));
    const [y0, y1] = [new BigUint64Array(n), new BigUint64Array(n)];
    ring().reluCombine(y0, c, e, mine[0], mine[1], mine[2], mine[3], mine[4], width, f, true);
    ring().reluCombine(y1, c, e, yours[0], yours[1], yours[2], yours[3], yours[4], width, f, false);
    ring().add(y0, y0, y1);
    y0.forEach((y, i) => {
      const value = BigInt.asIntN(64, x[i]);
      const wanted = value < 0n ? 0n : value >> BigInt(f);
      const error = BigInt.asIntN(64, y - wanted);
      if (error !== 0n && !(value > 0n && error === 1n))
        throw new Error(`relu(${value}) >> ${f} came out as ${BigInt.asIntN(64, y)}`);
    });
  });

  it('refuse widths and planes that do not fit', () => {
    const w = new BigUint64Array(70);
    expectCode(() => ring().truncCombine(w, w, w, w, 65, 1, true), 'RING_ARGUMENT');
    expectCode(() => ring().truncCombine(w, w, w, w, 32, 31, true), 'RING_ARGUMENT');
    expectCode(() => ring().bitCombine(w, w.subarray(0, 1), w, true), 'RING_SHAPE');
  });
});
