/** The kernels beside their references, with sizes at random around those of vectors, panels and blocks. */
import { expect } from 'chai';
import fc from 'fast-check';
import { instantiateKernels, type Kernels } from '../src/kernels.js';
import {
  addPatches,
  channelSums,
  patches,
  product,
  type Sliding,
  transposed,
} from '../src/reference/index.js';

/** Numbers that are exact in single precision, and whose products and sums are. */
const whole = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => ((Math.imul(i + 1, 2654435761) >>> (seed % 7)) % 17) - 8);

describe('kernels in single precision', () => {
  let k: Kernels;
  let memory: Float32Array;
  let base = 0;
  before(async () => {
    const made = await instantiateKernels(2 ** 24);
    k = made.kernels;
    memory = new Float32Array(made.memory.buffer);
    base = Math.ceil(k.heapBase() / 64) * 64 + Math.ceil(k.gemmWork() / 64) * 64;
  });
  const work = () => Math.ceil(k.heapBase() / 64) * 64;

  /** Puts arrays into memory one after the other, with guards between them, and gives their addresses. */
  function place(...arrays: readonly Float32Array[]): number[] {
    let at = base;
    memory.fill(Number.NaN, base / 4);
    return arrays.map((array) => {
      const address = at;
      memory.set(array, at / 4);
      at += Math.ceil((array.length * 4 + 64) / 64) * 64;
      return address;
    });
  }
  const read = (at: number, count: number) => memory.slice(at / 4, at / 4 + count);
  /** Nothing is written behind an array. */
  const guarded = (at: number, count: number) =>
    expect(memory[at / 4 + count], 'behind the result').deep.equal(Number.NaN);

  it('multiply matrices of any size and order', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 19 }), fc.constantFrom(95, 96, 97, 255, 257, 520));
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (m, kk, n, turnA, turnB, more) => {
          fc.pre(m * kk * n < 2e6);
          const [a, b, c] = [whole(m * kk, 1), whole(kk * n, 2), whole(m * n, 3)];
          const [at, bt, ct] = place(a, b, c);
          const [ar, ac] = turnA ? [1, m] : [kk, 1];
          const [br, bc] = turnB ? [1, kk] : [n, 1];
          k.gemm(ct, at, bt, m, kk, n, ar, ac, br, bc, n, Number(more), work());
          const wanted = product(
            (i, p) => a[i * ar + p * ac],
            (p, j) => b[p * br + j * bc],
            [m, kk, n],
          );
          expect([...read(ct, m * n)]).deep.equal([...wanted].map((v, i) => (more ? v + c[i] : v)));
          guarded(ct, m * n);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('multiply into parts of wider rows', () => {
    const [a, b, c] = [whole(5 * 7, 1), whole(7 * 11, 2), whole(5 * 20, 3)];
    const [at, bt, ct] = place(a, b, c);
    k.gemm(ct + 12, at, bt, 5, 7, 11, 7, 1, 11, 1, 20, 0, work());
    const wanted = product(
      (i, p) => a[i * 7 + p],
      (p, j) => b[p * 11 + j],
      [5, 7, 11],
    );
    const expected = c.map((v, i) =>
      i % 20 >= 3 && i % 20 < 14 ? wanted[Math.floor(i / 20) * 11 + (i % 20) - 3] : v,
    );
    expect(read(ct, 100)).deep.equal(expected);
  });

  const sliding = fc
    .record({
      channels: fc.integer({ min: 1, max: 3 }),
      height: fc.integer({ min: 1, max: 12 }),
      width: fc.integer({ min: 1, max: 21 }),
      kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      strides: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      dilations: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      pads: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })),
      behind: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })),
    })
    .map(({ behind, ...s }) => {
      const size = (axis: 0 | 1, length: number) =>
        Math.floor(
          (length + s.pads[axis] + behind[axis] - (s.kernel[axis] - 1) * s.dilations[axis] - 1) /
            s.strides[axis],
        ) + 1;
      return { ...s, outHeight: size(0, s.height), outWidth: size(1, s.width) };
    })
    .filter(({ outHeight, outWidth }) => outHeight > 0 && outWidth > 0);
  const argumentsOf = (s: Sliding, first: number, rows: number) =>
    [
      s.channels,
      s.height,
      s.width,
      ...s.kernel,
      ...s.strides,
      ...s.dilations,
      ...s.pads,
      s.outWidth,
      first,
      rows,
    ] as const;

  it('gather patches and add them back', () => {
    fc.assert(
      fc.property(sliding, fc.nat(3), (s, skip) => {
        const first = Math.min(skip, s.outHeight - 1);
        const rows = s.outHeight - first;
        const x = whole(s.channels * s.height * s.width, 4);
        const wanted = patches(x, s, first, rows);
        const [xs, to] = place(x, new Float32Array(wanted.length).fill(9));
        k.gatherPatches(to, xs, ...argumentsOf(s, first, rows));
        expect([...read(to, wanted.length)]).deep.equal([...wanted]);
        guarded(to, wanted.length);
        const back = Float64Array.from(x);
        addPatches(back, wanted, s, first, rows);
        k.scatterPatches(xs, to, ...argumentsOf(s, first, rows));
        expect([...read(xs, x.length)]).deep.equal([...back]);
      }),
      { numRuns: 150 },
    );
  });

  it('convolve planes, and correlate them with cotangents', () => {
    fc.assert(
      fc.property(sliding, (s) => {
        const one: Sliding = { ...s, channels: 1 };
        const taps = s.kernel[0] * s.kernel[1];
        const [outSize, vectors] = [s.outHeight * s.outWidth, Math.ceil(s.outWidth / 4)];
        const rows = (s.outHeight - 1) * s.strides[0] + (s.kernel[0] - 1) * s.dilations[0] + 1;
        const row = vectors * 4 * s.strides[1] + (s.kernel[1] - 1) * s.dilations[1] + 8;
        const [x, w, dy] = [whole(s.height * s.width, 5), whole(taps, 6), whole(outSize, 2)];
        const plane = new Float32Array(rows * row + 16);
        const wide = new Float32Array(s.outHeight * vectors * 4);
        const offsets = new Float32Array(taps);
        new Uint32Array(offsets.buffer).forEach((_, t, table) => {
          table[t] =
            (Math.floor(t / s.kernel[1]) * s.dilations[0] * row + (t % s.kernel[1]) * s.dilations[1]) * 4;
        });
        const seen = patches(x, one, 0, s.outHeight);
        const [xs, ws, ds, ps, ys, wides, os, sums] = place(
          x,
          w,
          dy,
          plane,
          new Float32Array(outSize),
          wide,
          offsets,
          whole(taps, 3),
        );
        new Uint32Array(memory.buffer, os, taps).set(new Uint32Array(offsets.buffer));
        k.padPlane(ps, rows, row, xs, s.height, s.width, s.pads[0], s.pads[1], 1, 1);
        memory.fill(0, ps / 4 + rows * row, ps / 4 + rows * row + 16);
        k.convolvePlane(ys, s.outHeight, s.outWidth, ps, row, ws, os, taps, ...s.strides, 3);
        const y = product(
          (_, p) => w[p],
          (p, j) => seen[p * outSize + j],
          [1, taps, outSize],
        );
        expect([...read(ys, outSize)]).deep.equal([...y].map((v) => v + 3));
        guarded(ys, outSize);
        k.padPlane(wides, s.outHeight, vectors * 4, ds, s.outHeight, s.outWidth, 0, 0, 1, 1);
        k.correlatePlane(sums, wides, s.outHeight, vectors, ps, row, os, taps, ...s.strides);
        const dw = product(
          (i, p) => seen[i * outSize + p],
          (p) => dy[p],
          [taps, outSize, 1],
        );
        expect([...read(sums, taps)]).deep.equal([...dw].map((v, i) => v + whole(taps, 3)[i]));
      }),
      { numRuns: 150 },
    );
  });

  it('spread planes with zeros between and around, and leave out what lies outside', () => {
    const place1 = fc.integer({ min: -6, max: 6 });
    const size = fc.integer({ min: 1, max: 18 });
    const step = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        place1,
        place1,
        step,
        step,
        (rows, row, height, width, top, left, down, right) => {
          const x = whole(height * width, 4).map((v) => v + 20);
          const wanted = new Float32Array(rows * row);
          for (let y = 0; y < height; y++)
            for (let c = 0; c < width; c++) {
              const [i, j] = [top + y * down, left + c * right];
              if (i >= 0 && i < rows && j >= 0 && j < row) wanted[i * row + j] = x[y * width + c];
            }
          const [xs, to] = place(x, new Float32Array(rows * row).fill(9));
          k.padPlane(to, rows, row, xs, height, width, top, left, down, right);
          expect(read(to, rows * row)).deep.equal(wanted);
          guarded(to, rows * row);
        },
      ),
    );
  });

  it('compute elementwise, NaN, infinities and zeros with signs included', () => {
    const values = fc.array(fc.float(), { maxLength: 21 });
    const one = (x: number) => Math.fround(x);
    fc.assert(
      fc.property(values, fc.float(), (data, other) => {
        const n = data.length;
        const [a, b] = [
          Float32Array.from(data),
          Float32Array.from(data, (v, i) => (i % 3 === 0 ? other : -v)),
        ];
        const [as, bs, to] = place(a, b, new Float32Array(n));
        const holds = (run: () => void, f: (x: number, y: number) => number) => {
          run();
          expect([...read(to, n)]).deep.equal(Array.from(a, (x, i) => one(f(x, b[i]))));
          guarded(to, n);
        };
        holds(
          () => k.addAll(to, as, bs, n),
          (x, y) => x + y,
        );
        holds(
          () => k.subAll(to, as, bs, n),
          (x, y) => x - y,
        );
        holds(
          () => k.mulAll(to, as, bs, n),
          (x, y) => x * y,
        );
        holds(
          () => k.clipAll(to, as, n, -1, 6),
          (x) => Math.min(Math.max(x, -1), 6),
        );
        holds(
          () => k.clipAll(to, as, n, 0, Infinity),
          (x) => Math.max(x, 0),
        );
        holds(
          () => k.passWithin(to, as, bs, n, -1, 6),
          (x, y) => (x >= -1 && x <= 6 ? y : 0),
        );
        holds(
          () => k.passAbove(to, as, bs, n, 0),
          (x, y) => (x > 0 ? y : 0),
        );
      }),
    );
  });

  it('scale, shift and add up planes of channels', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 3 }),
        fc.oneof(fc.nat(20), fc.constantFrom(511, 513, 1025)),
        (channels, batch, size) => {
          const planes = channels * batch;
          const [x, y] = [whole(planes * size, 1), whole(planes * size, 2)];
          const [scale, shift] = [whole(channels, 3), whole(channels, 4)];
          const [xs, ys, ss, ts, to, sums] = place(
            x,
            y,
            scale,
            shift,
            new Float32Array(x.length),
            new Float32Array(4 * channels),
          );
          k.affinePlanes(to, xs, ss, ts, planes, channels, size);
          const channel = (i: number) => Math.floor(i / size) % channels;
          expect([...read(to, x.length)]).deep.equal(
            Array.from(x, (v, i) => v * scale[channel(i)] + shift[channel(i)]),
          );
          guarded(to, x.length);
          const doubles = new Float64Array(memory.buffer, sums, 2 * channels);
          k.sumPlanes(sums, xs, planes, channels, size);
          k.dotPlanes(sums + channels * 8, xs, ys, planes, channels, size);
          const products = Array.from(x, (v, i) => v * y[i]);
          const expected = [...channelSums(x, channels, size), ...channelSums(products, channels, size)];
          expect([...doubles]).deep.equal(expected);
        },
      ),
    );
  });

  it('transpose matrices', () => {
    fc.assert(
      fc.property(fc.nat(37), fc.nat(37), (rows, columns) => {
        const x = whole(rows * columns, 1);
        const [xs, to] = place(x, new Float32Array(x.length));
        k.transposeMatrix(to, xs, rows, columns);
        expect([...read(to, x.length)]).deep.equal([...transposed(x, rows, columns)]);
        guarded(to, x.length);
      }),
    );
  });
});
