import { ArgumentError, ShapeError } from '@tacit/errors';
import { expect } from 'chai';
import { type CrypTensor, lookup, type Operand, type Party, type Plain } from '../src/index.js';
import { runParties } from './helpers/parties.js';

const TABLE = Array.from({ length: 7 }, (_, i) => [i + 0.5, 2 - i, 100 * i]);
const rows = (...places: number[]): number[] => places.flatMap((i) => TABLE[i] ?? [0, 0, 0]);

/** What every party learned, which must be the same. */
async function told(
  parties: number,
  f: (party: Party) => CrypTensor,
): Promise<{ shape: readonly number[]; data: number[]; rounds: number }> {
  const results = await runParties(
    parties,
    async (party) => {
      const y = f(party);
      return { ...((await y.revealFloat64()) as Plain), rounds: y.rounds };
    },
    { delays: 3 },
  );
  for (const { data } of results) expect([...data]).deep.equal([...results[0].data]);
  const [{ shape, data, rounds }] = results;
  return { shape, data: [...data], rounds };
}

describe('lookup', () => {
  for (const parties of [2, 3, 5])
    it(`finds rows of secret and public tables by private indices of any shape, exactly, ${parties} parties`, async () => {
      const secret = await told(parties, (p) =>
        p.cryptensor(TABLE, { src: 1 }).lookup(
          p.cryptensor(
            [
              [6, 0],
              [3, 3],
            ],
            { src: 0 },
          ),
        ),
      );
      expect(secret.shape).deep.equal([2, 2, 3]);
      expect(secret.data).deep.equal(rows(6, 0, 3, 3));
      const whole = await told(parties, (p) =>
        p.cryptensor(TABLE, { src: 1 }).lookup(p.cryptensor(4, { src: 0, shape: [], precision: 0 })),
      );
      expect([whole.shape, whole.data]).deep.equal([[3], rows(4)]);
      expect(whole.rounds).below(secret.rounds); // whole numbers are not rounded
    });

  it('takes one-hot rows where the last axis fits, unless it is told otherwise', async () => {
    const hot = [
      [0, 0, 1, 0, 0, 0, 0],
      [1, 0, 0, 0, 0, 0, 0],
    ];
    const at = (index: (p: Party) => Operand, options?: { oneHot?: boolean }) =>
      told(2, (p) => p.cryptensor(TABLE, { src: 1 }).lookup(index(p), options));
    const seven = (p: Party) => p.cryptensor([0, 6, 2, 1, 3, 5, 4], { src: 0 });
    expect((await at((p) => p.cryptensor(hot, { src: 0 }))).data).deep.equal(rows(2, 0));
    expect((await at(() => hot)).data).deep.equal(rows(2, 0));
    expect((await at(seven, { oneHot: false })).data).deep.equal(rows(0, 6, 2, 1, 3, 5, 4));
    expect((await at(seven)).shape).deep.equal([3]);
    expect((await at((p) => p.cryptensor([1, 2, 0, 5], { src: 0 }))).data).deep.equal(rows(1, 2, 0, 5));
    expect((await at(() => [1, 2])).data).deep.equal(rows(1, 2));
  });

  for (const parties of [2, 3])
    it(`finds rows of a table that its owner keeps, and of a public one without a product, ${parties} parties`, async () => {
      const index = (p: Party) => p.cryptensor([5, 6, 0, 2], { src: 1, precision: 0 });
      const owned = await told(parties, (p) =>
        lookup(p.owned(p.rank === 0 ? TABLE : undefined, { src: 0, shape: [7, 3] }), index(p)),
      );
      const open = await told(parties, (p) => lookup(TABLE, index(p)));
      for (const { data } of [owned, open]) expect(data).deep.equal(rows(5, 6, 0, 2));
      expect(open.rounds).equal(1);
    });

  it('rounds indices: products that are not truncated, and those that are', async () => {
    const places = [0, 1, 5, 6];
    for (const truncation of ['probabilistic', 'exact'] as const) {
      const results = await runParties(
        2,
        async (party) => {
          const table = party.cryptensor(TABLE, { src: 1 });
          const third = party
            .cryptensor(places, { src: 0 })
            .mul(party.cryptensor(1 / 3, { src: 1, shape: [] }));
          const index = third.mul(3);
          const [lazy, narrow] = [table.lookup(index), table.lookup(index.workingPrecision())];
          const squares = table.lookup(party.cryptensor([2, 1, 0, -1], { src: 0 }).square());
          const bits = table.lookup(party.cryptensor([2, -1, 0, -1], { src: 0 }).gt(0));
          return Promise.all(
            [lazy, narrow, squares, bits].map(async (y) => [...((await y.revealFloat64())?.data ?? [])]),
          );
        },
        { config: { truncation } },
      );
      for (const r of results)
        expect(r).deep.equal([rows(...places), rows(...places), rows(4, 1, 0, 1), rows(1, 0, 0, 0)]);
    }
  });

  it('gives zeros, or the row mod the next power of two, for what is no index', async () => {
    const { data } = await told(2, (p) =>
      p.cryptensor(TABLE, { src: 1 }).lookup(p.cryptensor([-1, 7, 8, -2, 2 ** 27, -8], { src: 0 })),
    );
    expect(data).deep.equal(rows(7, 7, 0, 6, 0, 0));
  });

  it('takes views of tables and of indices, and tables of one axis or row', async () => {
    const turned = await told(3, (p) =>
      p
        .cryptensor(TABLE, { src: 1 })
        .t()
        .lookup(
          p
            .cryptensor(
              [
                [0, 2],
                [1, 0],
              ],
              { src: 0 },
            )
            .t(),
        ),
    );
    const column = (j: number) => TABLE.map((row) => row[j]);
    expect(turned.shape).deep.equal([2, 2, 7]);
    expect(turned.data).deep.equal([0, 1, 2, 0].flatMap(column));
    const vector = await told(2, (p) =>
      p.cryptensor([7, 8, 9], { src: 1 }).lookup(p.cryptensor([[2], [0]], { src: 0 })),
    );
    expect([vector.shape, vector.data]).deep.equal([
      [2, 1],
      [9, 7],
    ]);
    const one = await told(2, (p) =>
      p.cryptensor([[7, 8]], { src: 1 }).lookup(p.cryptensor([0, 1, 2], { src: 0 })),
    );
    expect(one.data).deep.equal([7, 8, 0, 0, 7, 8]);
    const none = await told(2, (p) => p.cryptensor(TABLE, { src: 1 }).lookup(p.cryptensor([], { src: 0 })));
    expect(none.shape).deep.equal([0, 3]);
  });

  it('is as close as the table at the ends of its range', async () => {
    const values = [2 ** 27.9, -(2 ** 27.9), 2 ** -16, -(2 ** -16)];
    const { data } = await told(2, (p) =>
      p.cryptensor(values, { src: 1 }).lookup(p.cryptensor([0, 1, 2, 3, 0], { src: 0 })),
    );
    expect(data).deep.equal([...values, values[0]].map((v) => Math.round(v * 2 ** 16) / 2 ** 16));
  });

  it('refuses what does not fit, and options that it does not have', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor(TABLE, { src: 0 });
      const i = party.cryptensor([1, 2], { src: 0 });
      expect(() => x.sum().lookup(i)).throws(ShapeError);
      expect(() => lookup([1, 2], [0])).throws(ShapeError, /CrypTensor/);
      expect(() => x.lookup(i, { oneHot: true })).throws(ShapeError, /one-hot/);
      expect(() => x.lookup(i, { onehot: true } as never)).throws(ArgumentError);
      expect(() => x.lookup(i, { oneHot: 1 } as never)).throws(ArgumentError);
      expect(() => x.lookup(i, true as never)).throws(ArgumentError);
      expect(() => i.oneHot(2.5)).throws(ArgumentError);
      expect(() => i.oneHot(2 ** 20 + 1)).throws(ShapeError);
    }));
});
