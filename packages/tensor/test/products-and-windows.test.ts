/** Matrix products, convolutions and average pooling of CrypTensor against slow versions in double precision. */
import { expect } from 'chai';
import fc from 'fast-check';
import { expectClose, filled, input, RUNS } from './helpers/close.js';
import { evaluate, runParties } from './helpers/parties.js';
import { averagePool, conv2d, matmul, type Nd, type Window, windows } from './helpers/plain.js';

describe('matrix products', () => {
  const shapes: [number[], number[]][] = [
    [
      [3, 4],
      [4, 2],
    ],
    [[4], [4, 2]],
    [[3, 4], [4]],
    [[4], [4]],
    [
      [2, 3, 4],
      [4, 2],
    ],
    [
      [2, 3, 4],
      [2, 4, 2],
    ],
    [
      [3, 4],
      [2, 4, 2],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [2, 2, 1, 3],
      [2, 2, 3, 1],
    ],
  ];
  for (const [a, b] of shapes)
    it(`[${a}] by [${b}]: secret, public and owned`, async () => {
      const x = filled(a, 11);
      const y = filled(b, 12);
      const plain = matmul(x, y);
      for (const n of [2, 3])
        expectClose(await evaluate(n, [input(x), input(y)], (p, q) => p.matmul(q)), plain);
      expectClose(await evaluate(2, [input(x)], (p) => p.matmul(input(y))), plain);
      const results = await runParties(3, async (party) =>
        party
          .cryptensor(input(x), { src: 2 })
          .matmul(party.owned(input(y), { src: 1 }))
          .revealFloat64(),
      );
      for (const r of results) expectClose({ ...(r as Nd), rounds: 0 }, plain);
    });

  it('names both shapes when they do not fit', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor(input(filled([2, 3], 1)), { src: 0 });
      expect(() => x.matmul(x)).throw(/\[2, 3\] and \[2, 3\]/);
      expect(() => x.add(party.cryptensor([1, 2], { src: 0 }))).throw(/\[2, 3\] and \[2\]/);
    }));
});

describe('windows', () => {
  const small = fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 2 }),
    inPer: fc.integer({ min: 1, max: 2 }),
    outPer: fc.integer({ min: 1, max: 2 }),
    height: fc.integer({ min: 3, max: 6 }),
    width: fc.integer({ min: 3, max: 6 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
  });

  it('convolutions of secret, public and owned weights', () =>
    fc.assert(
      fc.asyncProperty(small, async ({ batch, groups, inPer, outPer, height, width, ...rest }) => {
        const window: Window = rest;
        const x = filled([batch, groups * inPer, height, width], 13);
        fc.pre(windows(x.shape, window).every((d) => d >= 1));
        const w = filled([groups * outPer, inPer, ...window.kernel], 14);
        const plain = conv2d(x, w, groups, window);
        const options = { ...window, groups };
        expectClose(await evaluate(2, [input(x), input(w)], (a, b) => a.conv2d(b, options)), plain);
        expectClose(await evaluate(2, [input(x)], (a) => a.conv2d(input(w), options)), plain);
        const results = await runParties(2, async (party) =>
          party
            .cryptensor(input(x), { src: 1 })
            .conv2d(party.owned(input(w), { src: 0 }), options)
            .revealFloat64(),
        );
        for (const r of results) expectClose({ ...(r as Nd), rounds: 0 }, plain);
      }),
      RUNS,
    ));

  it('convolutions over one axis', async () => {
    const x = filled([2, 3, 9], 15);
    const w = filled([4, 3, 3], 16);
    const options = { stride: 2, dilation: 1, pads: [2, 1] as const };
    const plain = conv2d({ shape: [2, 3, 1, 9], data: x.data }, { shape: [4, 3, 1, 3], data: w.data }, 1, {
      kernel: [1, 3],
      stride: [1, 2],
      dilation: [1, 1],
      pads: [0, 2, 0, 1],
    });
    const shape = [2, 4, plain.shape[3]];
    expectClose(await evaluate(2, [input(x), input(w)], (a, b) => a.conv1d(b, options)), {
      shape,
      data: plain.data,
    });
  });

  it('average pooling, with and without counting the padding', () =>
    fc.assert(
      fc.asyncProperty(
        small,
        fc.boolean(),
        async ({ batch, inPer, height, width, kernel, stride, pads }, countIncludePad) => {
          const window: Window = {
            kernel,
            stride,
            dilation: [1, 1],
            pads: pads.map((p, i) => Math.min(p, kernel[i % 2] - 1)) as never,
          };
          const x = filled([batch, inPer, height, width], 17);
          fc.pre(windows(x.shape, window).every((d) => d >= 1));
          const plain = averagePool(x, window, countIncludePad);
          expectClose(
            await evaluate(2, [input(x)], (a) => a.avgPool2d({ ...window, countIncludePad })),
            plain,
          );
        },
      ),
      RUNS,
    ));
});
