/** Sorting, the first of many, shuffling: as a program calls them, on whatever tensors it has. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { expect } from 'chai';
import type { CrypTensor, Party } from '../src/index.js';
import { runParties } from './helpers/parties.js';

const told = async (x: CrypTensor) => Array.from((await x.revealFloat64())?.data ?? []);
const rising = (a: number, b: number) => a - b;
const values = [3.5, -1, 0, 3.5, -7.25, 12, -1, 100, 0.25, -0.25, 8, 8];

const each = (parties: number, program: (party: Party, x: CrypTensor) => Promise<void>) =>
  runParties(parties, (party) => program(party, party.cryptensor(values, { src: 0, shape: [3, 4] })));

describe('order of the elements of an axis', () => {
  for (const parties of [2, 3])
    it(`is that of the numbers, ${parties} parties`, () =>
      each(parties, async (party, x) => {
        const rows = [values.slice(0, 4), values.slice(4, 8), values.slice(8)];
        expect(await told(x.sort())).deep.equal(rows.flatMap((row) => [...row].sort(rising)));
        expect(await told(x.argsort())).deep.equal([1, 2, 0, 3, 0, 2, 1, 3, 1, 0, 2, 3]);
        expect(await told(x.argsort(-1, { descending: true }))).deep.equal([
          0, 3, 2, 1, 3, 1, 2, 0, 2, 3, 0, 1,
        ]);
        const columns = x.sort(0, { descending: true });
        expect(columns.shape).deep.equal([3, 4]);
        expect(await told(columns)).deep.equal([3.5, 12, 8, 100, 0.25, -0.25, 0, 8, -7.25, -1, -1, 3.5]);
        const { values: first, indices } = x.topk(1, 0);
        expect([first.shape, indices.shape]).deep.equal([
          [1, 4],
          [1, 4],
        ]);
        expect(await told(first)).deep.equal([3.5, 12, 8, 100]);
        expect(await told(indices)).deep.equal([0, 1, 2, 1]);
        // A view whose elements lie apart, and a vector of one.
        const view = x.transpose([1, 0]).slice([1], [4]).sort(0);
        expect(await told(view)).deep.equal([-1, -1, -0.25, 0, 12, 8, 3.5, 100, 8]);
        expect(await told(party.cryptensor([5], { src: 0 }).sort())).deep.equal([5]);
      }));

  it('is that of products and sums that are not truncated yet, of bits, and of indices', () =>
    each(2, async (party, x) => {
      const square = x.reshape([12]).mul(x.reshape([12]));
      const expected = values.map((v) => v * v).sort(rising);
      for (const [i, v] of (await told(square.sort())).entries()) expect(v).closeTo(expected[i], 2 ** -14);
      expect(await told(x.gt(0).sort())).deep.equal([0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1]);
      expect(await told(x.argsort().sort())).deep.equal([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
      const ends = [2 ** 28 - 1, -(2 ** 28) + 1, 0, 2 ** -16, -(2 ** -16)];
      const wide = party.cryptensor(ends, { src: 1 });
      expect(await told(wide.sort())).deep.equal([...ends].sort(rising));
      expect(await told(party.weights([0.001, 3, -2], { src: 0 }).topk(2).indices)).deep.equal([1, 0]);
    }));

  it('of nothing is nothing, and of what is not there an error', () =>
    runParties(2, async (party) => {
      const empty = party.cryptensor(new Float64Array(0), { src: 0, shape: [3, 0] });
      expect(empty.sort().shape).deep.equal([3, 0]);
      expect(await told(empty.argsort(0))).deep.equal([]);
      const x = party.cryptensor([[1, 2, 3]], { src: 0 });
      expect(x.topk(0).indices.shape).deep.equal([1, 0]);
      for (const k of [4, -1]) expect(() => x.topk(k)).throws(ShapeError);
      for (const k of [1.5, Number.NaN, '2', undefined])
        expect(() => x.topk(k as number), `${k}`).throws(ArgumentError);
      expect(() => x.sort(0, { ascending: true } as never)).throws(ArgumentError, /ascending/);
      expect(() => x.argsort(0, { largest: true } as never)).throws(ArgumentError, /argsort/);
      expect(() => party.cryptensor(3, { src: 0 }).sort()).throws(ShapeError);
      const long = party.cryptensor(new Float64Array(2 ** 18 + 1), { src: 0 });
      expect(() => long.sort()).throws(ShapeError, /too long/);
    }));
});

describe('shuffle', () => {
  for (const parties of [2, 3])
    it(`moves slices of any axis, ${parties} parties`, () =>
      each(parties, async (party, x) => {
        const square = x.mul(x); // at double scale
        for (const [shuffled, size] of [
          [x.shuffle(), 4],
          [x.shuffle(-1).transpose([1, 0]), 3],
        ] as const) {
          const moved = await told(shuffled);
          const of = size === 4 ? values : values.map((_, i) => values[(i % 3) * 4 + Math.floor(i / 3)]);
          const slices = (all: readonly number[]) =>
            Array.from({ length: 12 / size }, (_, i) => all.slice(i * size, (i + 1) * size).join()).sort();
          expect(slices(moved)).deep.equal(slices(of));
        }
        expect((await told(square.shuffle(1))).reduce((a, b) => a + b)).closeTo(
          values.reduce((sum, v) => sum + v * v, 0),
          2 ** -12,
        );
        const order = party.permutation(50);
        expect(order.rounds).equal(parties);
        const numbers = await told(order);
        expect([...numbers].sort(rising)).deep.equal(numbers.map((_, i) => i));
        expect(await told(party.permutation(0))).deep.equal([]);
        expect(await told(party.permutation(1))).deep.equal([0]);
        for (const n of [-1, 0.5, Number.NaN]) expect(() => party.permutation(n)).throws(ArgumentError);
        expect(
          await told(party.cryptensor(new Float64Array(0), { src: 0, shape: [0, 2] }).shuffle()),
        ).deep.equal([]);
      }));
});
