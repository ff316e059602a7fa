/** Cases of orders: sorting, exact, and shuffling, of which no more is certain than that nothing is lost. */
import { expect } from 'chai';
import { type Case, computes } from './cases.js';
import { type Draw, type Numbers, signed, wordsOf } from './numbers.js';

export function orderCases(draw: Draw) {
  const rows = draw.tensor([2, 30, 3], 63);
  const x: Numbers = {
    shape: [3, 20],
    values: [...draw.tensor([20], 49).values, ...draw.tensor([20], 3).values, ...new Array(20).fill(7n)],
  };
  /** Where the first elements of each lane are, in order. */
  const places = (keep: number, sign: bigint): number[][] =>
    [0, 20, 40].map((start) =>
      Array.from({ length: 20 }, (_, i) => start + i)
        .sort((i, j) => {
          const difference = sign * (x.values[i] - x.values[j]);
          return difference === 0n ? i - j : difference < 0n ? -1 : 1;
        })
        .slice(0, keep),
    );
  const expected = (keep: number, sign: bigint): Numbers[] => {
    const found = places(keep, sign).flat();
    const shape = [3, keep];
    return [
      { shape, values: found.map((i) => x.values[i]) },
      { shape, values: found.map((i) => BigInt(i % 20)) },
    ];
  };
  return {
    shuffle: async ({ parties, run }) => {
      const told = await run(parties, async (engine) => {
        const secret = engine.input(0, rows.shape, engine.rank === 0 ? wordsOf(rows.values) : undefined);
        return signed((await engine.reveal(engine.shuffle(secret))) ?? new BigUint64Array(0));
      });
      const lane = (values: readonly bigint[], index: number) =>
        Array.from({ length: 30 }, (_, i) => values.slice(90 * index + 3 * i, 90 * index + 3 * i + 3).join());
      for (const values of told) {
        expect(values).deep.equal(told[0]);
        for (const index of [0, 1]) {
          expect(lane(values, index)).not.deep.equal(lane(rows.values, index));
          expect(lane(values, index).sort()).deep.equal(lane(rows.values, index).sort());
        }
      }
    },
    sort: computes(
      [x],
      (e, a) =>
        [{}, { largest: true }, { keep: 3, bits: 50 }].flatMap((options) => {
          const { values, indices } = e.sort(a, options);
          return [values, indices];
        }),
      () => [...expected(20, 1n), ...expected(20, -1n), ...expected(3, 1n)],
    ),
  } satisfies Record<string, Case>;
}
