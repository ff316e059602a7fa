import fc from 'fast-check';
import { type Conv2dSizes, windowOutput } from '../src/index.js';
import * as reference from '../src/reference/index.js';
import { check, expectCode, expectSame, loadedRing, wordSource } from './support.js';

const ring = loadedRing();

const upTo = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
const pair = (max: number): fc.Arbitrary<[number, number]> => fc.tuple(upTo(max), upTo(max));

const sizes: fc.Arbitrary<Conv2dSizes> = fc
  .record({
    batch: upTo(3),
    groups: upTo(3),
    depth: upTo(4),
    filters: upTo(4),
    height: upTo(13),
    width: upTo(13),
    kernel: pair(4),
    stride: pair(3),
    dilation: pair(3),
    pads: fc.tuple(upTo(4, 0), upTo(4, 0), upTo(4, 0), upTo(4, 0)),
    accumulate: fc.boolean(),
  })
  .map(({ depth, filters, groups, ...rest }) => ({
    ...rest,
    groups,
    inChannels: depth * groups,
    outChannels: filters * groups,
  }))
  .filter((s) => {
    const [kh, kw] = s.kernel;
    return (
      s.height + s.pads[0] + s.pads[2] >= s.dilation[0] * (kh - 1) + 1 &&
      s.width + s.pads[1] + s.pads[3] >= s.dilation[1] * (kw - 1) + 1
    );
  });

function agrees(s: Conv2dSizes, seed: number): void {
  const words = wordSource(seed);
  const [oh, ow] = windowOutput(s.height, s.width, s);
  const area = s.kernel[0] * s.kernel[1];
  const x = words(s.batch * s.inChannels * s.height * s.width);
  const w = words((s.outChannels * s.inChannels * area) / (s.groups ?? 1));
  const out = words(s.batch * s.outChannels * oh * ow);
  const result = reference.conv2d(x, w, s);
  const wanted = s.accumulate ? reference.map((a, b) => a + b, result, out) : result;
  ring().conv2d(out, x, w, s);
  expectSame(out, wanted, JSON.stringify(s));
}

describe('ring: convolution', () => {
  it('is its definition for any stride, dilation, groups and padding', () => {
    check(
      fc.property(fc.integer(), sizes, (seed, s) => agrees(s, seed)),
      120,
    );
  });

  it('of the usual kinds', () => {
    const base = { batch: 2, inChannels: 6, height: 12, width: 11, outChannels: 16, kernel: [5, 5] } as const;
    agrees(base, 1);
    agrees({ ...base, kernel: [1, 1], stride: [2, 2] }, 2);
    agrees({ ...base, kernel: [3, 3], groups: 6, outChannels: 6, pads: [1, 1, 1, 1] }, 3);
    agrees({ ...base, kernel: [3, 3], groups: 2, pads: [0, 1, 2, 3] }, 4);
    agrees({ ...base, kernel: [12, 11], outChannels: 1 }, 5);
    agrees({ ...base, height: 1, width: 1, kernel: [3, 3], pads: [3, 3, 3, 3], dilation: [2, 2] }, 6);
  });

  it('of an image too large to stage at once: bands of rows', () => {
    // Compared at a few rows with the convolution of the rows that they read.
    const s = {
      batch: 1,
      inChannels: 2,
      height: 900,
      width: 700,
      outChannels: 2,
      kernel: [3, 3],
      pads: [1, 2, 0, 1],
    } as const;
    const words = wordSource(8);
    const x = words(s.inChannels * s.height * s.width);
    const w = words(s.outChannels * s.inChannels * 9);
    const [oh, ow] = windowOutput(s.height, s.width, s);
    const out = new BigUint64Array(s.outChannels * oh * ow);
    ring().conv2d(out, x, w, s);
    for (const row of [0, 1, 400, 730, 731, 732, 733, 734, oh - 1]) {
      const strip = new BigUint64Array(s.inChannels * 3 * s.width);
      for (let c = 0; c < s.inChannels; c++)
        for (let r = 0; r < 3; r++) {
          const from = row - s.pads[0] + r;
          if (from < 0 || from >= s.height) continue;
          const at = (c * s.height + from) * s.width;
          strip.set(x.subarray(at, at + s.width), (c * 3 + r) * s.width);
        }
      const wanted = reference.conv2d(strip, w, { ...s, height: 3, pads: [0, 2, 0, 1] });
      for (let f = 0; f < s.outChannels; f++)
        expectSame(
          out.slice((f * oh + row) * ow, (f * oh + row + 1) * ow),
          wanted.slice(f * ow, (f + 1) * ow),
          `row ${row}`,
        );
    }
  });

  it('of more channels than are staged at once: slices of channels', () => {
    const s = {
      batch: 2,
      inChannels: 40,
      height: 128,
      width: 128,
      outChannels: 2,
      kernel: [128, 128],
    } as const;
    const words = wordSource(3);
    const x = words(s.batch * s.inChannels * 128 * 128);
    const w = words(s.outChannels * s.inChannels * 128 * 128);
    const out = new BigUint64Array(4);
    ring().conv2d(out, x, w, s);
    // One window: the product of the images with the transposed filters.
    const size = s.inChannels * 128 * 128;
    const filters = new BigUint64Array(w.length);
    ring().gather(filters, w, [size, 2], [1, size]);
    const wanted = new BigUint64Array(4);
    ring().matmul(wanted, x, filters, { m: 2, k: size, n: 2 });
    expectSame(out, wanted);
  });

  it('in one dimension', () => {
    const words = wordSource(4);
    const s = {
      batch: 3,
      inChannels: 4,
      length: 50,
      outChannels: 6,
      kernel: 5,
      stride: 2,
      dilation: 3,
      groups: 2,
    };
    const [x, w] = [words(3 * 4 * 50), words(6 * 2 * 5)];
    const wanted = reference.conv2d(x, w, {
      ...s,
      height: 1,
      width: 50,
      kernel: [1, 5],
      stride: [1, 2],
      dilation: [1, 3],
      pads: [0, 4, 0, 1],
    });
    const out = new BigUint64Array(wanted.length);
    ring().conv1d(out, x, w, { ...s, pads: [4, 1] });
    expectSame(out, wanted);
  });

  it('sums of windows', () => {
    check(
      fc.property(
        fc.integer(),
        sizes,
        (seed, { height, width, kernel, stride, dilation, pads, inChannels }) => {
          const s = { planes: inChannels, height, width, kernel, stride, dilation, pads };
          const x = wordSource(seed)(inChannels * height * width);
          const wanted = reference.windowSum2d(x, s);
          const out = new BigUint64Array(wanted.length);
          ring().windowSum2d(out, x, s);
          expectSame(out, wanted, JSON.stringify(s));
        },
      ),
    );
  });

  it('refuses what does not fit', () => {
    const one = new BigUint64Array(9);
    const s: Conv2dSizes = { batch: 1, inChannels: 1, height: 3, width: 3, outChannels: 1, kernel: [3, 3] };
    const out = new BigUint64Array(1);
    expectCode(() => ring().conv2d(out, one, one, { ...s, kernel: [4, 3] }), 'RING_SHAPE');
    expectCode(() => ring().conv2d(out, one, one, { ...s, groups: 2 }), 'RING_SHAPE');
    expectCode(() => ring().conv2d(one, one, one, s), 'RING_SHAPE');
    expectCode(() => ring().conv2d(out, one, one, { ...s, stride: [0, 1] }), 'RING_ARGUMENT');
    expectCode(() => ring().conv2d(out, one, one, { ...s, pads: [-1, 0, 0, 0] }), 'RING_ARGUMENT');
  });
});
