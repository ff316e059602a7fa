/** What a linkage costs and sends: exact, and the same whatever the keys are. */
import type { OperationStats } from '@tacit/mpc';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { type LinkOptions, linkTables } from '../src/index.js';
import { planBins } from '../src/linkage/bin-plan.js';

const COLUMNS = 2;
const numbers = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);
const columns = (n: number) => ({ one: numbers(n), two: numbers(n) });

/** What each party sent for each operation, by kind, and the rounds before the result. */
async function sent(
  parties: number,
  left: readonly number[],
  right: readonly number[],
  options: LinkOptions = {},
): Promise<{ lines: string[][]; rounds: number }> {
  const { operations, results } = await simulate({ parties }, async (party) => {
    const joined = await linkTables(
      party,
      {
        left: { src: 0, keys: left, columns: columns(left.length) },
        right: { src: 1, keys: right, columns: columns(right.length) },
      },
      options,
    );
    const tensors = [joined.matched, joined.left.values, joined.right.values];
    await Promise.all(tensors.map(({ share }) => share.value));
    return Math.max(...tensors.map(({ rounds }) => rounds));
  });
  const costly = (o: OperationStats) => o.bytesSent > 0 || o.rounds > 0;
  const line = (o: OperationStats) => `${o.name} [${o.shape}]: ${o.rounds} rounds, ${o.bytesSent} bytes`;
  return { lines: operations.map((own) => own.filter(costly).map(line)), rounds: results[0] };
}

describe('the cost of a linkage', () => {
  it('is an equality and a product for each candidate of a bin, a shuffle and a reveal of bins', async () => {
    const n = 100;
    const { bins, capacity, kind } = planBins(n, n);
    expect(kind).equal('hashed');
    const { lines, rounds } = await sent(2, numbers(n), numbers(n, 50));
    const tests = bins * capacity;
    // 10.625 bytes an equality, and each block of them is padded to whole words.
    const equality = /bytes$/.test(lines[0][1]) ? Number(/(\d+) bytes$/.exec(lines[0][1])?.[1]) : 0;
    expect(equality / tests).within(10.6, 10.8);
    const shuffled = `shuffle [1,${bins},${2 + 2 * COLUMNS}]: 2 rounds, ${8 * bins * (2 + 2 * COLUMNS)} bytes`;
    const told = `reveal [1,${bins},1]: 1 rounds, `;
    // The owner of the other table keeps its columns, and gets the bits under a mask.
    expect(lines.map((own) => own.map((line) => line.replace(/(reveal.*rounds, ).*/, '$1')))).deep.equal([
      [
        `own [${bins},${capacity},${COLUMNS}]: 1 rounds, 0 bytes`,
        `equal [${bins},${capacity}]: 4 rounds, ${equality} bytes`,
        `mask-toward [${bins},1,${capacity}]: 1 rounds, ${8 * tests} bytes`,
        shuffled,
        told,
      ],
      [
        `own [${bins},${capacity},${COLUMNS}]: 1 rounds, ${8 * tests * COLUMNS} bytes`,
        `equal [${bins},${capacity}]: 4 rounds, ${equality} bytes`,
        `mask-toward [${bins},1,${capacity}]: 1 rounds, 0 bytes`,
        shuffled,
        told,
      ],
    ]);
    // An equality, a product, a shuffle; the announcement before and the reveal behind are not on the way of a secret.
    expect(rounds).equal(4 + 1 + 2);
  });

  it('takes a round more for each party, and none for a shuffle where few rows keep their order', async () => {
    expect((await sent(3, numbers(100), numbers(100))).rounds).equal(4 + 1 + 3);
    const { lines, rounds } = await sent(2, numbers(6), numbers(7), { order: 'kept' });
    expect(rounds).equal(3 + 1);
    expect(lines[0].join()).not.match(/shuffle|reveal/);
    expect((await sent(2, numbers(6), numbers(7))).rounds).equal(3 + 1 + 2);
  });

  it('grows with both tables together, not with their product', () => {
    const tests = (n: number) => planBins(n, n).bins * planBins(n, n).capacity;
    expect(tests(1000)).below(45_000);
    expect(tests(10_000) / tests(1000)).below(13);
  });

  it('does not depend on keys: what is sent is the same for no common key and for all', async () => {
    for (const order of ['hidden', 'kept'] as const) {
      const none = await sent(2, numbers(70), numbers(80, 1000), { order });
      const all = await sent(2, numbers(70).reverse(), numbers(80), { order });
      expect(all).deep.equal(none);
    }
  });
});
