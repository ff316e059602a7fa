import { expect } from 'chai';
import fc from 'fast-check';
import {
  broadcastShapes,
  broadcastTo,
  paddedShape,
  permute,
  type SliceRange,
  sizeOf,
  slice,
  stridesOf,
  type View,
  viewOf,
  type Words,
  WordsPool,
} from '../src/index.js';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, loadedRing, wordSource } from './support.js';

const ring = loadedRing();
const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 });

/** Into and out of JavaScript memory and the kernels' one, in every pairing. */
function gathers(view: View, size: number, seed: number): void {
  const a = wordSource(seed)(size);
  const right = reference.gather(a, view);
  expectSame(ring().materialize(a, view), right, JSON.stringify(view));
  const room = (n: number): Words => {
    const whole = new WordsPool({ ring: ring() }).takeInside(Math.max(n, 8192) + 2);
    if (!whole) throw new Error('there is no room in the memory of the kernels');
    return whole.fill(0n).subarray(1, n + 1);
  };
  const inside = room(size);
  inside.set(a);
  for (const [from, to] of [
    [inside, new BigUint64Array(right.length)],
    [a, room(right.length)],
    [inside, room(right.length)],
  ]) {
    ring().gather(to, from, view.shape, view.strides, view.offset);
    expectSame(to, right, JSON.stringify(view));
    if (!ring().owns(to)) continue;
    const around = new BigUint64Array(to.buffer, 0, to.byteOffset / 8 + to.length + 1);
    expect([around.at(-1), around.at(-to.length - 2)]).to.deep.equal([0n, 0n]);
  }
}

describe('ring: shapes', () => {
  it('sizes and strides', () => {
    expect(sizeOf([])).to.equal(1);
    expect(sizeOf([2, 0, 3])).to.equal(0);
    expect(stridesOf([2, 3, 4])).to.deep.equal([12, 4, 1]);
    expectCode(() => sizeOf([2, -1]), 'RING_SHAPE');
    expectCode(() => sizeOf([1.5]), 'RING_SHAPE');
  });

  it('broadcasts as NumPy does', () => {
    expect(broadcastShapes([8, 1, 6, 1], [7, 1, 5])).to.deep.equal([8, 7, 6, 5]);
    expect(broadcastShapes([], [3])).to.deep.equal([3]);
    expect(broadcastShapes([0], [1])).to.deep.equal([0]);
    expect(() => broadcastShapes([2, 3], [4, 3])).to.throw('[2, 3] and [4, 3]');
    expect(() => broadcastTo([2, 3], [3])).to.throw('[2, 3] cannot be broadcast to [3]');
    expectCode(() => broadcastShapes([0], [2]), 'RING_SHAPE');
  });

  it('slices as Python does', () => {
    check(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.option(fc.integer({ min: -15, max: 15 }), { nil: undefined }),
        fc.option(fc.integer({ min: -15, max: 15 }), { nil: undefined }),
        fc.integer({ min: -4, max: 4 }).filter((step) => step !== 0),
        (d, start, stop, step) => {
          const view = slice([d], [{ start, stop, step }]);
          // Python: clamp both ends as slice.indices does, then count.
          const fix = (x: number | undefined, missing: number): number => {
            if (x === undefined) return missing;
            const at = x < 0 ? x + d : x;
            return step > 0 ? Math.min(Math.max(at, 0), d) : Math.min(Math.max(at, -1), d - 1);
          };
          const wanted: number[] = [];
          const end = fix(stop, step > 0 ? d : -1);
          for (let i = fix(start, step > 0 ? 0 : d - 1); step > 0 ? i < end : i > end; i += step)
            wanted.push(i);
          const got = [...reference.indicesOf(view.shape)].map((index) => reference.offsetOf(view, index));
          expect(got).to.deep.equal(wanted);
        },
      ),
      300,
    );
    expectCode(() => slice([3], [{ step: 0 }]), 'RING_SHAPE');
  });

  it('gathers permuted, sliced and stretched views', () => {
    check(
      fc.property(fc.integer(), shapes, fc.boolean(), (seed, shape, reverse) => {
        const order = shape.map((_, i) => i).sort((i, j) => ((seed >> i) & 3) - ((seed >> j) & 3));
        const ranges: SliceRange[] = shape.map((_, i) => ({
          step: reverse && i % 2 === 0 ? -1 : 1 + (i % 2),
        }));
        const view = slice(permute(shape, order), ranges.slice(0, shape.length));
        gathers(view, sizeOf(shape), seed);
        gathers(broadcastTo(view, [2, ...view.shape]), sizeOf(shape), seed);
      }),
      150,
    );
  });

  it('gathers large transposes and rows', () => {
    gathers(permute([130, 70]), 9100, 1);
    gathers(permute([3, 50, 40], [0, 2, 1]), 6000, 2);
    gathers(permute([3, 50, 40], [1, 0, 2]), 6000, 3);
    gathers(broadcastTo([1, 40], [30, 40]), 40, 4);
    gathers(broadcastTo([40, 1], [40, 30]), 40, 5);
    gathers(
      slice(
        [100, 100],
        [
          { start: 10, stop: 90 },
          { start: 20, stop: 70 },
        ],
      ),
      10000,
      6,
    );
    gathers(slice([100], [{ step: -1 }]), 100, 7);
    gathers(permute([100, 100]), 10_000, 8);
    gathers(slice(permute([90, 33]), [{ step: -1 }, { step: -3 }]), 2970, 9);
    gathers(slice([1000, 9], [{}, { step: 2 }]), 9000, 10);
    gathers(broadcastTo([1, 300, 1], [2, 300, 5]), 300, 11);
  });

  it('refuses views that reach outside', () => {
    const a = new BigUint64Array(6);
    for (const [shape, strides, offset] of [
      [[2, 3], [3, 1], 1],
      [[2], [-1], 0],
      [[7], [1], 0],
      [[1], [1], 0.5],
    ] as const)
      expectCode(
        () => ring().gather(new BigUint64Array(sizeOf(shape)), a, shape, strides, offset),
        'RING_SHAPE',
      );
    expectCode(() => ring().gather(new BigUint64Array(5), a, [2, 3], [3, 1]), 'RING_SHAPE');
    expectCode(() => permute([2, 3], [0, 0]), 'RING_SHAPE');
    expectCode(() => permute([2, 3], [0, 2]), 'RING_SHAPE');
  });

  it('computes with broadcasting', () => {
    check(
      fc.property(fc.integer(), shapes, fc.nat(15), fc.nat(15), (seed, shape, squeezeA, squeezeB) => {
        const squeeze = (bits: number): number[] => shape.map((d, i) => ((bits >> i) & 1 ? 1 : d));
        const [aShape, bShape] = [squeeze(squeezeA), squeeze(squeezeB).slice(seed & 1)];
        const words = wordSource(seed);
        const [a, b] = [words(sizeOf(aShape)), words(sizeOf(bShape))];
        const result = ring().binary('sub', a, aShape, b, bShape);
        const out = broadcastShapes(aShape, bShape);
        expect(result.shape).to.deep.equal(out);
        const left = reference.gather(a, broadcastTo(aShape, out));
        const right = reference.gather(b, broadcastTo(bShape, out));
        expectSame(
          result.words,
          reference.map((x, y) => x - y, left, right),
        );
      }),
      150,
    );
    const [a, b] = [new BigUint64Array(2), new BigUint64Array(3)];
    expect(() => ring().binary('add', a, [2], b, [3])).to.throw('[2] and [3]');
    expectCode(() => ring().binary('add', a, [3], b, [3]), 'RING_SHAPE');
  });

  it('pads and crops', () => {
    check(
      fc.property(
        fc.integer(),
        shapes,
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 8, maxLength: 8 }),
        (seed, shape, some) => {
          const pads = some.slice(0, 2 * shape.length);
          const rank = shape.length;
          if (shape.some((d, i) => d + pads[i] + pads[rank + i] < 0)) {
            expectCode(() => paddedShape(shape, pads), 'RING_SHAPE');
            return;
          }
          const x = wordSource(seed)(sizeOf(shape));
          const outShape = paddedShape(shape, pads);
          const out = new BigUint64Array(sizeOf(outShape));
          ring().pad(out, x, shape, pads, -5n);
          const view = viewOf(shape);
          const wanted = [...reference.indicesOf(outShape)].map((index) => {
            const from = index.map((i, axis) => i - pads[axis]);
            const inside = from.every((i, axis) => i >= 0 && i < shape[axis]);
            return inside ? x[reference.offsetOf(view, from)] : 2n ** 64n - 5n;
          });
          expectSame(out, BigUint64Array.from(wanted));
        },
      ),
      150,
    );
  });

  it('sums over axes', () => {
    check(
      fc.property(fc.integer(), shapes, fc.nat(15), fc.boolean(), (seed, shape, mask, keepDims) => {
        const axes = shape.map((_, i) => i).filter((i) => (mask >> i) & 1);
        const x = wordSource(seed)(sizeOf(shape));
        const result = ring().sumAxes(x, shape, axes, keepDims);
        expectSame(result.words, reference.sumAxes(x, shape, axes));
        const wanted = shape.map((d, i) => (axes.includes(i) ? 1 : d));
        expect(result.shape).to.deep.equal(keepDims ? wanted : wanted.filter((_, i) => !axes.includes(i)));
      }),
      150,
    );
  });

  it('sums over large axes, negative axes and nothing', () => {
    for (const [shape, axes] of [
      [[3, 40000], [1]],
      [[40000, 3], [0]],
      [[2, 5, 40000], [1]],
      [
        [300, 7, 31],
        [0, 2],
      ],
      [[2, 33000, 2], [-2]],
    ] as const) {
      const x = wordSource(shape.length)(sizeOf(shape));
      const positive = axes.map((a) => (a < 0 ? a + shape.length : a));
      expectSame(ring().sumAxes(x, shape, axes).words, reference.sumAxes(x, shape, positive));
    }
    const empty = ring().sumAxes(new BigUint64Array(0), [3, 0], [1]);
    expectSame(empty.words, new BigUint64Array(3));
    expect(ring().sumAxes(BigUint64Array.of(1n, 2n), [2]).shape).to.deep.equal([]);
    const copy = BigUint64Array.of(1n, 2n);
    expect(ring().sumAxes(copy, [2], []).words).to.not.equal(copy);
    expectCode(() => ring().sumAxes(copy, [2], [1]), 'RING_SHAPE');
  });
});
