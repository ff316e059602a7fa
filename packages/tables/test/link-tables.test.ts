import { expect } from 'chai';
import fc from 'fast-check';
import { linkTables } from '../src/index.js';
import { linked, type Revealed, runParties, type Table, told } from './helpers.js';

const table = (keys: Table['keys'], first = 0): Table => ({
  keys,
  columns: { value: keys.map((_, i) => first + i) },
});

/** Rows of the result as text, in an order of their own. */
const rowsIn = ({ matched, left, right }: Revealed): string[] =>
  matched.map((bit, i) => `${bit} | ${left[i]} | ${right[i]}`).sort();

/** The left join of two tables with one column, whose rows are the left one's. */
function expected(left: Table, right: Table): string[] {
  const text = (key: unknown) => JSON.stringify(key, (_, v) => (typeof v === 'bigint' ? `${v}` : v));
  const partners = new Map(right.keys.map((key, i) => [text(key), right.columns?.value[i]]));
  return left.keys
    .map((key, i) => {
      const partner = partners.get(text(key));
      return `${partner === undefined ? 0 : 1} | ${left.columns?.value[i]} | ${partner ?? 0}`;
    })
    .sort();
}

async function check(parties: number, left: Table, right: Table): Promise<void> {
  const all = await linked(parties, left, right, { rowsOf: 'left' });
  for (const result of all) expect(rowsIn(result)).deep.equal(expected(left, right));
}

const numbers = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);

describe('linkTables', () => {
  for (const parties of [2, 3])
    describe(`between ${parties} parties`, () => {
      it('joins some common keys', () =>
        check(parties, table([3, 1, 4, 15, 9], 100), table([9, 2, 6, 5, 3, 58], 7)));
      it('joins many keys in bins', () => check(parties, table(numbers(70), 1), table(numbers(90, 35), 500)));
      it('finds nothing in common', () => check(parties, table(numbers(40)), table(numbers(40, 1000))));
      it('finds everything in common', () =>
        check(parties, table(numbers(60)), table(numbers(60).reverse(), 9)));
    });

  it('takes empty tables and single rows', async () => {
    for (const [left, right] of [
      [0, 0],
      [0, 3],
      [3, 0],
      [1, 0],
      [0, 1],
      [1, 1],
      [1, 5],
      [5, 1],
      [1, 60],
      [60, 1],
      [2, 2],
    ])
      await check(2, table(numbers(left)), table(numbers(right, left > 1 ? 1 : 0), 50));
  });

  it('has the rows of the smaller table, of two of one size the left one, or those asked for', async () => {
    const [small, large] = [table([1, 2]), table([2, 3, 4])];
    for (const [left, right, options, rowsOf] of [
      [small, large, {}, 'left'],
      [large, small, {}, 'right'],
      [small, small, {}, 'left'],
      [small, large, { rowsOf: 'right' }, 'right'],
      [large, small, { rowsOf: 'left' }, 'left'],
    ] as const) {
      const [result] = await linked(2, left, right, options);
      expect(result.rowsOf).equal(rowsOf);
      expect(result.matched).length((rowsOf === 'left' ? left : right).keys.length);
    }
  });

  it('keeps the order of the table where that is asked for, with few rows and with bins', async () => {
    for (const n of [3, 80]) {
      const left = table(numbers(n).map((i) => (i * 37) % 101));
      const right = table(numbers(n, 20), 1000);
      const [result] = await linked(2, left, right, { rowsOf: 'left', order: 'kept' });
      expect(result.left.map(([value]) => value)).deep.equal(numbers(n));
      expect(result.matched).deep.equal(left.keys.map((key) => Number(right.keys.includes(key))));
      expect(result.right.map(([value]) => value)).deep.equal(
        left.keys.map((key) => (right.keys.includes(key) ? 1000 + right.keys.indexOf(key) : 0)),
      );
    }
  });

  it('hides the order otherwise', async () => {
    for (const n of [30, 80]) {
      const [result] = await linked(2, table(numbers(n)), table(numbers(n)));
      expect(result.left.map(([value]) => value)).not.deep.equal(numbers(n));
    }
  });

  it('tells the number of matches to whom it is asked to, and to nobody else', async () => {
    const tables = [table([1, 2, 3]), table([3, 2, 7, 8])] as const;
    const matches = async (to?: 'all' | number) =>
      (await linked(3, ...tables, { reveal: { matches: to } })).map((result) => result.matches);
    expect(await matches()).deep.equal([undefined, undefined, undefined]);
    expect(await matches('all')).deep.equal([2, 2, 2]);
    expect(await matches(1)).deep.equal([undefined, 2, undefined]);
    const [none] = await linked(2, table([]), table([1]), { reveal: { matches: 'all' } });
    expect(none.matches).equal(0);
  });

  it('joins several columns by name, of one number and of more, and tables without any', async () => {
    const keys = ['a', 'b', 'c'];
    const [shown] = await runParties(2, async (party) => {
      const joined = await linkTables(
        party,
        {
          left: {
            src: 1,
            keys,
            columns: {
              age: [1.5, -2.25, 3],
              pair: [
                [1, 2],
                [3, 4],
                [5, 6],
              ],
            },
          },
          right: { src: 0, keys: ['c', 'x', 'b', 'a'], columns: {} },
        },
        { rowsOf: 'left', order: 'kept' },
      );
      const { left, right, matched } = joined;
      expect(right.names).deep.equal([]);
      expect(right.values.shape).deep.equal([3, 0]);
      expect(left.names).deep.equal(['age', 'pair']);
      expect(() => left.column('Age')).throw("there is no column 'Age', but age, pair");
      expect(left.column('pair').shape).deep.equal([3, 2]);
      return [await told(left.column('pair').sub(left.column('age'))), await told(matched)];
    });
    expect(shown.map((data) => [...data])).deep.equal([
      [-0.5, 0.5, 5.25, 6.25, 2, 3],
      [1, 1, 1],
    ]);
  });

  it('tells keys apart that differ in the last bit or letter', async () => {
    const big = 2n ** 70n;
    await check(2, table([2 ** 52, 2 ** 52 + 1]), table([2 ** 52 + 1, 2 ** 52 + 2]));
    await check(2, table([big, big + 1n]), table([big + 1n, big + 2n]));
    await check(2, table([0.1, 0.1 + 2 ** -56]), table([0.1 + 2 ** -56, 0.3]));
    await check(2, table(['ab', 'a b', 'aB', '']), table(['ab ', 'Ab', '', 'aB']));
    await check(
      2,
      table([
        ['a', 'bc'],
        ['x', 'y'],
      ]),
      table([
        ['ab', 'c'],
        ['x', 'y'],
      ]),
    );
  });

  it('takes the same key in other forms for the same', async () => {
    for (const [one, other] of [
      ['\u00e9ric 😀', 'e\u0301ric 😀'],
      [7, 7n],
      [0, -0],
      [2 ** 60, 2n ** 60n],
      [1e21, 10n ** 21n],
      [
        ['a', 5],
        ['a', 5n],
      ],
    ] as const) {
      const [{ matched }] = await linked(2, table([one as never]), table([other as never]));
      expect(matched, `${one}`).deep.equal([1]);
    }
    const [{ matched }] = await linked(2, { keys: Int32Array.of(4, 5) as never }, { keys: [5, 6, 7] });
    expect([...matched].sort()).deep.equal([0, 1]);
  });

  it('keeps columns of one name apart', async () => {
    const tables = [table([1, 2], 10), table([2, 1], 20)] as const;
    const [{ left, right }] = await linked(2, ...tables, { order: 'kept' });
    expect([left, right]).deep.equal([
      [[10], [11]],
      [[21], [20]],
    ]);
  });

  it('misses no match of equal tables, however often they are linked', async () => {
    for (let i = 0; i < 6; i++) {
      const keys = numbers(150).map((key) => `${key}/${i}`);
      const [{ matches }] = await linked(
        2,
        { keys },
        { keys: [...keys].reverse() },
        { reveal: { matches: 'all' } },
      );
      expect(matches).equal(150);
    }
  });

  it('joins any tables, at any delays', async () => {
    const keys = fc.uniqueArray(fc.integer({ min: -30, max: 30 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(keys, keys, async (left, right) => {
        const all = await linked(2, table(left, 5), table(right, 99), { rowsOf: 'left' }, { delays: 7 });
        for (const result of all)
          expect(rowsIn(result)).deep.equal(expected(table(left, 5), table(right, 99)));
      }),
      { numRuns: 8 },
    );
  });

  it('joins tables of any two of several parties', async () => {
    const results = await runParties(4, async (party) => {
      const { matched, right } = await linkTables(
        party,
        {
          left: party.rank === 3 ? { src: 3, keys: ['b', 'c'] } : { src: 3 },
          right: party.rank === 1 ? { src: 1, keys: ['a', 'b', 'd'], columns: { v: [5, 6, 7] } } : { src: 1 },
        },
        { order: 'kept' },
      );
      return [[...(await told(matched))], [...(await told(right.column('v')))]];
    });
    for (const found of results)
      expect(found).deep.equal([
        [1, 0],
        [6, 0],
      ]);
  });

  it('works under other settings', async () => {
    const [left, right] = [table(numbers(60), 3), table(numbers(60, 20), 70)];
    for (const config of [
      { window: 50, fractionBits: 12 },
      { truncation: 'exact' },
      { fractionBits: 20 },
      { chunk: 8192 },
    ])
      for (const result of await linked(2, left, right, { rowsOf: 'left' }, { config }))
        expect(rowsIn(result), JSON.stringify(config)).deep.equal(expected(left, right));
  });

  describe('refuses', () => {
    const fails = async (
      left: object,
      right: object,
      options: object,
      text: string | RegExp,
    ): Promise<void> => {
      const error: unknown = await linked(2, left as Table, right as Table, options).then(
        () => undefined,
        (e: unknown) => e,
      );
      expect(String(error)).match(typeof text === 'string' ? new RegExp(text) : text);
    };
    const fine = table([1, 2]);

    it('keys that are there twice, also in another form, and names rows only', async () => {
      await fails(table([5, 6, 5]), fine, {}, 'rows 0 and 2 have the same key');
      await fails(fine, table(['\u00e9', 'x', 'e\u0301']), {}, 'rows 0 and 2 have the same key');
      await fails(table([1, 1n]), fine, {}, 'rows 0 and 1 have the same key');
    });

    it('keys that are missing or no keys', async () => {
      for (const key of [null, undefined, Number.NaN, Infinity, {}, true, [], [[1]], '\ud800'])
        await fails({ keys: [key] }, fine, {}, 'key of row 0');
      await fails({ keys: [1, 'a'] }, fine, {}, 'key of row 1');
      await fails({ keys: 'ab' }, fine, {}, 'a list of keys');
      await fails({}, fine, {}, 'a list of keys');
    });

    it('keys of different kinds on both sides', async () => {
      await fails(table([1, 2]), table(['1', '2']), {}, 'never those of');
      await fails(table([['a', 1]]), table(['a']), {}, 'never those of');
    });

    it('columns that do not fit', async () => {
      await fails({ keys: [1], columns: { a: [1, 2] } }, fine, {}, "the column 'a' of the left table");
      await fails({ keys: [1], columns: { a: [[[1]]] } }, fine, {}, "the column 'a' of the left table");
      await fails(fine, { keys: [1], columns: { a: [Number.NaN] } }, {}, 'not a number below');
      await fails(fine, { keys: [1], columns: { a: [1e15] } }, {}, 'not a number below 2.28');
      await fails({ keys: [1], columns: { a: [-(2 ** 28)] } }, fine, {}, 'not a number below');
    });

    it('options that do not exist', async () => {
      await fails(fine, fine, { rowOf: 'left' }, 'rowOf');
      await fails(fine, fine, { rowsOf: 'both' }, 'rowsOf is');
      await fails(fine, fine, { order: 'random' }, 'order is');
      await fails(fine, fine, { reveal: { matches: 2 } }, 'reveal.matches');
      await fails(fine, fine, { reveal: { match: 0 } }, 'match');
      await fails({ ...fine, column: {} }, fine, {}, 'column');
    });

    it('parties that do not exist or join their own tables', async () => {
      for (const [left, right] of [
        [0, 0],
        [0, 2],
        [-1, 1],
        [0.5, 1],
      ])
        await runParties(2, (party) =>
          linkTables(party, { left: { src: left, keys: [1] }, right: { src: right, keys: [1] } }),
        ).then(
          () => expect.fail('linked'),
          (error: unknown) => expect(error).property('code').equal('ARGUMENT'),
        );
    });

    it('sessions whose window is too narrow for hashes', async () => {
      await linked(
        2,
        table(numbers(2000)),
        table(numbers(2000)),
        {},
        { config: { window: 40, fractionBits: 8 } },
      ).then(
        () => expect.fail('linked'),
        (error: unknown) => expect(String(error)).match(/wider window/),
      );
    });
  });
});
