/** Numbers of very different sizes: constants keep their precision, quotients their range. */
import { ArgumentError } from '@tacit/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import { type CrypTensor, featuresPrecise, Precision } from '../src/index.js';
import { evaluate, runParties } from './helpers/parties.js';

/** Largest error relative to the largest result, and at most two units in the last place. */
async function expectNear(
  parties: number,
  values: readonly number[],
  f: (x: CrypTensor) => CrypTensor,
  plain: (x: number, i: number) => number,
  relative = 2 ** -16,
): Promise<void> {
  const { data } = await evaluate(parties, [[...values]], f);
  values.forEach((v, i) => {
    const right = plain(v, i);
    expect(data[i], `${v}`).closeTo(right, Math.abs(right) * relative + 2 ** -14);
  });
}

for (const parties of [2, 3])
  describe(`constants of all sizes, ${parties} parties`, () => {
    it('are kept however small they are', async () => {
      await expectNear(
        parties,
        [500_000, 900_000, -120_000, 1],
        (x) => x.mul(2e-6),
        (v) => v * 2e-6,
      );
      await expectNear(
        parties,
        [2 ** 27, -(2 ** 27) + 1],
        (x) => x.mul(1e-8),
        (v) => v * 1e-8,
      );
    });

    it('are kept beside large ones', async () => {
      const scale = [4e-6, 1, -1, 1000.25];
      await expectNear(
        parties,
        [450_000, 3, -0.25, 20_000.5],
        (x) => x.mul(scale),
        (v, i) => v * scale[i],
      );
    });

    it('make a scaler and a layer behind it right', async () => {
      const [mu, sd, w] = [
        [450_000, 0, 0],
        [250_000, 1, 2],
        [0.5, -1, 2],
      ];
      const x = [900_000, -1, 0.1];
      const right = x.reduce((sum, v, i) => sum + ((v - mu[i]) / sd[i]) * w[i], 0);
      const { data } = await evaluate(parties, [x], (a) => a.sub(mu).div(sd).matmul(w));
      expect(data[0]).closeTo(right, 1e-3);
    });

    it('of any size, times values of any size within the range', () =>
      fc.assert(
        fc.asyncProperty(
          fc.double({ min: -1, max: 1, noNaN: true }),
          fc.integer({ min: -24, max: 10 }),
          fc.integer({ min: 0, max: 17 }),
          async (c, cBits, xBits) => {
            const constant = c * 2 ** cBits;
            await expectNear(
              parties,
              [2 ** xBits + 0.5, -(2 ** xBits)],
              (x) => x.mul(constant),
              (v) => v * constant,
            );
          },
        ),
        { numRuns: 25 },
      ));

    it('have the scales of their terms', async () => {
      const samples = [
        [1, 2, 3, -4],
        [1e-5, 2e-6, -3e-7, 4e-5],
        [1000.25, 1e-6, 3, 1e-4],
        [1e6 + 1 / 3, 1e-9, 0, 0],
        [0, 0, 0, 0],
        [0.1, 0.5, 1 / 3, 1e-8],
      ].map((list) => Float64Array.from(list));
      await runParties(parties, async (party) => {
        const { precision } = party.context;
        for (const values of samples)
          for (const grows of [0, 6]) {
            const enough = featuresPrecise(values, (i) => i >> 1);
            const { fractionBits, range } = precision;
            const terms = precision.terms(values, fractionBits, range + grows, enough, { reserve: 2 });
            const scales = terms.slice(0, 2).map(({ scale }) => scale);
            expect(precision.weightScales(values, grows, enough)).deep.equal(scales);
          }
      });
    });

    it('are exact in a matrix of whole numbers, beyond the range of others', async () => {
      const x = new Array(64).fill(60_000);
      const w = x.map(() => [200]);
      const results = await runParties(parties, async (party) => {
        const owned = party.owned(w, {
          src: 0,
          scales: party.context.precision.weightScales(Float64Array.from(w.flat()), 6, () => true),
        });
        return party.cryptensor(x, { src: 1 }).matmul(owned).revealFloat64();
      });
      expect(results[0]?.data[0]).equal(64 * 60_000 * 200);
    });
  });

for (const parties of [2, 3])
  describe(`quotients, ${parties} parties`, () => {
    it('are right up to the whole range', async () => {
      await expectNear(
        parties,
        [2 ** 25, -2.5e8, 2 ** 28 - 1, 3.25],
        (x) => x.div(100),
        (v) => v / 100,
        2 ** -30,
      );
      await expectNear(
        parties,
        [2 ** 27, -1],
        (x) => x.div(0.75),
        (v) => v / 0.75,
        2 ** -30,
      );
      await expectNear(
        parties,
        [2 ** 27, -5],
        (x) => x.div(-4),
        (v) => v / -4,
        0,
      );
    });

    it('of means and pools too', async () => {
      const big = 2 ** 21 + 0.5;
      const mean = await evaluate(parties, [[big, big, big]], (x) => x.mean());
      expect(mean.data[0]).closeTo(big, 2 ** -13);
      const pooled = await evaluate(
        parties,
        [{ dims: [1, 1, 3, 3], data: new Float64Array(9).fill(big) }],
        (x) => x.avgPool2d({ kernel: [3, 3] }),
      );
      expect(pooled.data[0]).closeTo(big, 2 ** -13);
    });

    it('of means and variances whose sums leave the range', async () => {
      for (const [count, size, spread] of [
        [10_000, 100_000, 300],
        [1_000, 0, 3_000],
        [4, 0, 12_000],
        [97, 2 ** 27, 5],
      ]) {
        const values = Float64Array.from({ length: count }, (_, i) =>
          Math.round(size + spread * Math.sin(i * 1.7)),
        );
        const mean = values.reduce((sum, v) => sum + v, 0) / count;
        const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / count;
        const x = [{ dims: [count], data: values }];
        const at = async (f: (x: CrypTensor) => CrypTensor) => (await evaluate(parties, x, f)).data[0];
        expect(await at((v) => v.mean())).closeTo(mean, 2 ** -12 + Math.abs(mean) * 2 ** -30);
        expect(await at((v) => v.variance(0, { unbiased: false }))).closeTo(variance, variance * 2 ** -12);
        expect(await at((v) => v.std(0, { unbiased: false }))).closeTo(
          Math.sqrt(variance),
          variance ** 0.5 / 500,
        );
        if (size === 0)
          expect(await at((v) => v.norm())).closeTo(Math.hypot(...values), Math.hypot(...values) / 500);
      }
    });

    it('and squares of what has spare bits, up to the range', async () => {
      const x = [45_000, -45_000, 4];
      await expectNear(
        parties,
        x,
        (a) => a.div(4).square(),
        (v) => (v / 4) ** 2,
      );
      await expectNear(
        parties,
        x,
        (a) => a.div(2).mul(a.div(4).neg()),
        (v) => -(v ** 2) / 8,
      );
    });

    it('and what follows them does not leave its range', async () => {
      const x = [2 ** 20, -(2 ** 20)];
      await expectNear(
        parties,
        x,
        (a) => a.div(100).add(a),
        (v) => v / 100 + v,
      );
      await expectNear(
        parties,
        x,
        (a) => a.div(100).mul(a.div(2 ** 20)),
        (v) => (v / 100) * (v / 2 ** 20),
      );
      await expectNear(
        parties,
        x,
        (a) => a.div(3).relu(),
        (v) => Math.max(0, v / 3),
        2 ** -20,
      );
      const { data } = await evaluate(parties, [x], (a) => a.div(3).gt(a.div(4)));
      expect([...data]).deep.equal([1, 0]);
    });
  });

describe('options and bounds', () => {
  it('that nothing reads are errors', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor(new Float64Array(16), { src: 0, shape: [1, 1, 4, 4] });
      const loose = x as unknown as Record<string, (...args: unknown[]) => unknown>;
      for (const call of [
        () => loose.pad(new Array(8).fill(0), 0, { mode: 'mirror' }),
        () => loose.avgPool2d({ kernel: [2, 2], ceil_mode: true }),
        () => loose.maxPool2d({ kernel: [2, 2], strides: [1, 1] }),
        () => loose.conv2d([[[[1]]]], { padding: 1 }),
        () => loose.gelu({ approx: 'tanh' }),
        () => loose.gelu('tanh'),
        () => loose.variance(0, true),
        () => loose.avgPool2d({}),
        () => loose.maxPool2d({ kernel: [2, 2, 2] }),
        () => party.cryptensor([1], { src: 0, precision: 62 }),
        () => party.cryptensor([1], { src: 2 }),
        () => x.clip(2, 1),
        () => x.div(0),
        () => x.pow(Number.NaN),
      ])
        expect(call, `${call}`).throws(ArgumentError);
    }));

  it('average pools round up in ceil mode', async () => {
    const image = { dims: [1, 1, 3, 3], data: Float64Array.from({ length: 9 }, (_, i) => i) };
    const { shape, data } = await evaluate(2, [image], (x) =>
      x.avgPool2d({ kernel: [2, 2], ceilMode: true }),
    );
    expect(shape).deep.equal([1, 1, 2, 2]);
    expect([...data]).deep.equal([2, 3.5, 6.5, 8]);
  });

  it('the range follows from the fraction bits', () =>
    runParties(2, async (party) => {
      const { range, capacity } = new Precision(party.engine);
      expect([range, capacity]).deep.equal([28, 62]);
    }));
});
