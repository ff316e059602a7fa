/** Random tensors: bounds by Hoeffding's inequality, so that correct ones fail once in 2^40 runs. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { expect } from 'chai';
import type { CrypTensor, Party, Tracked } from '../src/index.js';
import { runParties } from './helpers/parties.js';

const n = 4096;
/** 2 exp(-2 n FAR^2) = 2^-41, for the mean of n numbers that differ by 1 at most. */
const FAR = Math.sqrt((42 * Math.LN2) / (2 * n));

const numbers = async (x: CrypTensor): Promise<number[]> => [...((await x.revealFloat64())?.data ?? [])];
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** What all parties learned, which must be the same. */
async function told<T>(parties: number, f: (party: Party) => Promise<T>): Promise<T> {
  const results = await runParties(parties, f, { delays: 3 });
  for (const result of results) expect(result).deep.equal(results[0]);
  return results[0];
}

describe('random tensors', () => {
  for (const parties of [2, 3, 5])
    it(`rand, randn and bernoulli, ${parties} parties`, async () => {
      const [u, z, bits, exact] = await told(parties, (party) => {
        const p = party.cryptensor([0.25, 0, 1, 0.5], { src: 1 });
        const drawn = [
          party.rand([n]),
          party.randn([n]),
          party.bernoulli(0.3, [n]),
          party.bernoulli(p, [n, 4]),
        ];
        expect(drawn.map(({ rounds }) => rounds).slice(0, 3)).deep.equal([0, 0, 0]);
        return Promise.all(drawn.map(numbers));
      });
      expect(u.every((v) => v >= 0 && v < 1 && Number.isInteger(v * 2 ** 16))).equal(true);
      expect(mean(u)).closeTo(0.5, FAR);
      expect(mean(u.map((v) => v * v))).closeTo(1 / 3, FAR);
      expect(z.every((v) => Math.abs(v) < 9.5 && Number.isInteger(v * 2 ** 16))).equal(true);
      expect(mean(z.map((v) => Number(v > 0)))).closeTo(0.5, FAR);
      expect(mean(z.map((v) => Number(Math.abs(v) < 1)))).closeTo(0.6827, FAR);
      expect(mean(z.map((v) => Number(Math.abs(v) < 2)))).closeTo(0.9545, FAR);
      expect(mean(bits)).closeTo(0.3, FAR);
      const columns = [0, 1, 2, 3].map((j) => mean(exact.filter((_, i) => i % 4 === j)));
      expect(columns[0]).closeTo(0.25, FAR);
      expect([columns[1], columns[2]]).deep.equal([0, 1]);
      expect(columns[3]).closeTo(0.5, FAR);
      expect([...bits, ...exact].every((v) => v === 0 || v === 1)).equal(true);
    });

  it('compute like any other: products, comparisons, private probabilities that are products', async () => {
    const [product, compared, drawn] = await told(2, (party) => {
      const u = party.rand([n]);
      const half = party.cryptensor(new Float64Array(n).fill(0.5), { src: 0 });
      const seldom = party.bernoulli(half.mul(half));
      return Promise.all([u.mul(u), u.lt(half), seldom].map(numbers));
    });
    expect(mean(product)).closeTo(1 / 3, FAR + 2 ** -15);
    expect(mean(compared)).closeTo(0.5, FAR);
    expect(mean(drawn)).closeTo(0.25, FAR);
  });

  it('zeros, ones and full are public values', async () => {
    const made = await told(3, async (party) => {
      const all = [party.zeros([2, 2]), party.ones([3]), party.full([], -1.5), party.full([0, 2], 7)];
      const sum = party
        .full([2], 0.25)
        .add(party.cryptensor([1, 2], { src: 1 }))
        .mul(party.ones([2]));
      return Promise.all([...all, sum].map(async (x) => ({ shape: [...x.shape], data: await numbers(x) })));
    });
    expect(made.map(({ data }) => data)).deep.equal([[0, 0, 0, 0], [1, 1, 1], [-1.5], [], [1.25, 2.25]]);
    expect(made.map(({ shape }) => shape)).deep.equal([[2, 2], [3], [], [0, 2], [2]]);
  });

  it('dropout drops with its probability, keeps the mean, and is the identity outside of training', async () => {
    const values = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 3 : -1.5));
    const [dropped, ofProduct, evaluated, none, all] = await told(2, (party) => {
      const x = party.cryptensor(values, { src: 0 });
      return Promise.all(
        [
          x.dropout(0.25),
          x.mul(x).dropout(0.5),
          x.dropout(0.5, { training: false }),
          x.dropout(0),
          x.dropout(1),
        ].map(numbers),
      );
    });
    const kept = (drawn: number[]) => mean(drawn.map((v) => Number(v !== 0)));
    expect(kept(dropped)).closeTo(0.75, FAR);
    dropped.forEach((v, i) => {
      if (v !== 0) expect(v).closeTo(values[i] / 0.75, 2 ** -14);
    });
    expect(kept(ofProduct)).closeTo(0.5, FAR);
    ofProduct.forEach((v, i) => {
      if (v !== 0) expect(v).closeTo(2 * values[i] ** 2, 2 ** -13);
    });
    expect(evaluated).deep.equal([...values]);
    expect(none).deep.equal([...values]);
    expect(all).deep.equal(new Array(n).fill(0));
  });

  it('weightedIndex draws exactly one place, in proportion to the weights', async () => {
    const weights = [1, 0, 4, 3];
    const rows = Array.from({ length: n }, () => weights);
    for (const [parties, axis] of [
      [2, 1],
      [3, -2],
    ]) {
      const [drawn, sampled] = await told(parties, (party) => {
        const x = party.cryptensor(rows, { src: 0 });
        const turned = axis === 1 ? x : x.t();
        return Promise.all([turned.weightedIndex(axis), turned.weightedSample(axis)].map(numbers));
      });
      const at = (i: number, j: number) => drawn[axis === 1 ? 4 * i + j : j * n + i];
      const counts = weights.map((_, j) => mean(rows.map((_, i) => at(i, j))));
      expect(rows.every((_, i) => weights.reduce((sum, _, j) => sum + at(i, j), 0) === 1)).equal(true);
      expect(drawn.every((v) => v === 0 || v === 1)).equal(true);
      weights.forEach((w, j) => {
        expect(counts[j]).closeTo(w / 8, w === 0 ? 0 : FAR + 2 ** -16);
      });
      expect(sampled.every((v) => weights.includes(v) && v !== 0)).equal(true);
      expect(mean(sampled.map((v) => Number(v === 4)))).closeTo(0.5, FAR);
    }
  });

  it('weightedIndex of whole tensors, products, small and large weights, zeros, and a single weight', async () => {
    const made = await told(2, async (party) => {
      const x = party.cryptensor(
        [
          [2 ** 20, 0],
          [0, 0],
        ],
        { src: 0 },
      );
      const tiny = party.cryptensor([0, 2 ** -16, 0], { src: 1 });
      const products = party.cryptensor([0, 0.75, 0], { src: 1 });
      const bits = party.cryptensor([-1, 2, -3], { src: 1 }).gt(0);
      const all = [
        x.weightedIndex(),
        x.weightedSample(),
        tiny.weightedIndex(0),
        products.mul(products).weightedIndex(0),
        products.mul(products).weightedSample(0),
        bits.weightedIndex(-1),
        party.zeros([3]).weightedIndex(0),
        party.cryptensor([[5], [0]], { src: 0 }).weightedIndex(1),
        party.cryptensor(5, { src: 0, shape: [] }).weightedSample(),
        party.zeros([0, 3]).weightedIndex(1),
        party.randn([0, 3]),
        party.rand([0]).lt(party.bernoulli(0.5, [0])),
        party.rand([]).lt(1),
      ];
      return Promise.all(all.map(async (y) => ({ shape: [...y.shape], data: await numbers(y) })));
    });
    const middle = [0, 1, 0];
    const [whole, sample, tiny, products, product, bits, zeros, single, scalar, none, ...empty] = made;
    expect(whole).deep.equal({ shape: [2, 2], data: [1, 0, 0, 0] });
    expect(sample).deep.equal({ shape: [], data: [2 ** 20] });
    expect([tiny.data, products.data, bits.data]).deep.equal([middle, middle, middle]);
    expect(product.data[0]).closeTo(0.5625, 2 ** -14);
    expect(zeros.data).deep.equal([0, 0, 1]);
    expect(single).deep.equal({ shape: [2, 1], data: [1, 1] });
    expect(scalar).deep.equal({ shape: [], data: [5] });
    expect(none).deep.equal({ shape: [0, 3], data: [] });
    expect(empty.map(({ data }) => data)).deep.equal([[], [], [1]]);
  });

  it('refuse what is no shape, probability, axis or option', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor([[1, 2]], { src: 0 });
      for (const shape of [2, [-1], [1.5], '2', null, ['2']] as never[])
        for (const make of [party.zeros, party.ones, party.rand, party.randn] as const)
          expect(() => make.call(party, shape)).throws(ShapeError);
      expect(() => party.bernoulli(0.5, [-1])).throws(ShapeError);
      expect(() => party.bernoulli(x, [3])).throws(ShapeError);
      for (const p of [-0.1, 1.1, Number.NaN, '0.5', undefined] as never[]) {
        expect(() => party.bernoulli(p, [2])).throws(ArgumentError);
        expect(() => x.dropout(p)).throws(ArgumentError);
      }
      expect(() => party.full([1], Number.NaN))
        .throws()
        .with.property('code', 'VALUE_OUT_OF_RANGE');
      expect(() => x.dropout(0.5, { train: true } as never)).throws(ArgumentError);
      expect(() => x.dropout(0.5, { training: 1 } as never)).throws(ArgumentError);
      expect(() => x.weightedIndex(2)).throws();
      expect(() => party.zeros([2, 0]).weightedIndex(1)).throws(ShapeError);
      expect(() => party.zeros([0]).weightedIndex()).throws(ShapeError);
    }));

  it('keep no memory: what is made on the way is disposed', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor([1, 2, 3], { src: 0 });
      const p = party.cryptensor([0.5], { src: 1 });
      const open = new Set<Tracked>();
      const track = party.context.track.bind(party.context);
      party.context.track = (value) => {
        const dispose = value.dispose.bind(value);
        value.dispose = () => {
          open.delete(value);
          dispose();
        };
        open.add(value);
        track(value);
      };
      const results = [x.dropout(0.5), x.weightedIndex(), x.weightedSample(0), party.bernoulli(p, [3])];
      expect([...open]).have.members(results.map(({ value }) => value));
      for (const y of results) expect((await numbers(y)).length).least(1);
    }));
});
