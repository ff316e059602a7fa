import { ShapeError } from '@tacit/errors';
import { expect } from 'chai';
import { BT4, type MaxPoolWindow } from '../src/index.js';
import { maxPool2d } from '../src/protocols/max-pool.js';
import { bytesSent, randomNumbers } from './helpers/numbers.js';
import { compute, failure } from './helpers/parties.js';

/** By definition. */
function expected(x: readonly bigint[], shape: readonly number[], w: MaxPoolWindow): bigint[] {
  const [batch, channels, height, width] = shape;
  const out: bigint[] = [];
  for (let plane = 0; plane < batch * channels; plane++)
    for (let i = 0; i < w.outputSize[0]; i++)
      for (let j = 0; j < w.outputSize[1]; j++) {
        let best: bigint | undefined;
        for (let a = 0; a < w.kernel[0]; a++)
          for (let b = 0; b < w.kernel[1]; b++) {
            const row = i * w.stride[0] + a * w.dilation[0] - w.before[0];
            const column = j * w.stride[1] + b * w.dilation[1] - w.before[1];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const v = x[(plane * height + row) * width + column];
            if (best === undefined || v > best) best = v;
          }
        out.push(best as bigint);
      }
  return out;
}

const plain = { dilation: [1, 1], before: [0, 0] } as const;
const windows: [string, number[], MaxPoolWindow, number][] = [
  ['2x2', [2, 3, 6, 8], { ...plain, kernel: [2, 2], stride: [2, 2], outputSize: [3, 4] }, 2],
  ['3x3 overlapping', [1, 2, 7, 7], { ...plain, kernel: [3, 3], stride: [2, 2], outputSize: [3, 3] }, 4],
  ['3x5, not separable', [1, 2, 7, 9], { ...plain, kernel: [3, 5], stride: [2, 1], outputSize: [3, 5] }, 4],
  [
    'padded',
    [1, 2, 5, 5],
    { ...plain, kernel: [3, 3], stride: [2, 2], before: [1, 1], outputSize: [3, 3] },
    4,
  ],
  ['ceil mode', [1, 1, 6, 5], { ...plain, kernel: [2, 3], stride: [2, 2], outputSize: [3, 2] }, 3],
  [
    'dilated',
    [1, 1, 8, 8],
    { kernel: [2, 2], stride: [1, 2], dilation: [3, 2], before: [1, 1], outputSize: [7, 4] },
    2,
  ],
  ['one wide', [2, 1, 1, 12], { ...plain, kernel: [1, 4], stride: [1, 4], outputSize: [1, 3] }, 2],
  ['of one element', [1, 1, 3, 3], { ...plain, kernel: [1, 1], stride: [2, 2], outputSize: [2, 2] }, 0],
];

describe('max pooling', () => {
  for (const [name, shape, window, levels] of windows)
    for (const [parties, tree, rounds] of [
      [2, 'by-size', 3],
      [3, 'by-size', 3],
      [2, BT4, 4],
    ] as const)
      it(`is exact: ${name}, ${parties} parties, ${rounds} rounds a ReLU`, async () => {
        const x = randomNumbers(
          shape.reduce((a, b) => a * b),
          61,
        ).map((v, i) => (i % 3 === 0 ? -v : v));
        const { values, outcome } = await compute(
          parties,
          [x],
          (s, a) => maxPool2d(s, a.reshaped(shape), window),
          { delays: parties, config: { tree } },
        );
        expect(values).deep.equal(expected(x, shape, window));
        expect(outcome.sessions[0].comm.stats.rounds).equal(rounds * levels + 1); // and the reveal
      });

  it('takes three ReLUs a window of 2x2', async () => {
    const shape = [1, 8, 16, 16];
    const window = { ...plain, kernel: [2, 2], stride: [2, 2], outputSize: [8, 8] } as const;
    const x = randomNumbers(2048, 40);
    const { outcome } = await compute(2, [x], (s, a) => maxPool2d(s, a.reshaped(shape), window));
    expect(bytesSent(outcome.operations[0], 'relu')).equal((2 * 512 * 98 + 512 * 79) / 8); // BT-4, then BT-3
  });

  it('refuses windows that see nothing', async () => {
    const window = { ...plain, kernel: [2, 2], stride: [2, 2], outputSize: [3, 2] } as const;
    const run = compute(2, [randomNumbers(16, 40)], (s, a) => maxPool2d(s, a.reshaped([1, 1, 4, 4]), window));
    expect(await failure(run)).instanceOf(ShapeError);
  });
});
