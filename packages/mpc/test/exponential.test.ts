import { expect } from 'chai';
import { BT3, BT4, type TreeShape } from '../src/index.js';
import { exponential } from '../src/protocols/exponential.js';
import { BLOCK } from '../src/runtime/layout.js';
import { compute, type RunOptions } from './helpers/parties.js';

/** Evenly spread numbers of so many fraction bits. */
const sweep = (count: number, low: number, high: number, scale: number): bigint[] =>
  Array.from({ length: count }, (_, i) =>
    BigInt(Math.round((low + ((high - low) * i) / Math.max(1, count - 1)) * 2 ** scale)),
  );
/** 2^k, its neighbours and their negatives. */
const powers = (from: number, to: number): bigint[] =>
  Array.from({ length: to - from + 1 }, (_, i) => 1n << BigInt(from + i)).flatMap((p) => [
    p,
    -p,
    p + 1n,
    1n - p,
  ]);

const TOP = 2 ** 15;

/** What may come of x. */
function expectExponential(x: number, y: number, fractionBits: number): void {
  const wanted = Math.exp(x);
  const bound = wanted * 2 ** -14 + 2 ** -16.9 + 2 ** -fractionBits;
  const at = `exp(${x}) = ${wanted}, and not ${y}`;
  if (x > 10.1 && y === TOP) return;
  expect(x, at).lessThan(10.25);
  if (x < -11.875) expect(y, at).equal(0);
  expect(Math.abs(y - wanted), at).most(bound);
}

async function run(
  x: readonly bigint[],
  {
    scale,
    fractionBits = 16,
    parties = 2,
    ...options
  }: { scale?: number; fractionBits?: number; parties?: number } & RunOptions = {},
): Promise<number[]> {
  const config = { fractionBits, ...options.config };
  const { values } = await compute(parties, [x], (s, a) => exponential(s, a, scale), { ...options, config });
  const got = values.map((v) => Number(v) / 2 ** fractionBits);
  for (const [i, y] of got.entries())
    expectExponential(Number(x[i]) / 2 ** (scale ?? fractionBits), y, fractionBits);
  return got;
}

const ENDS = [
  -(2 ** 28),
  -12,
  -11.7,
  -11.62,
  -11.44,
  -11.09,
  -10,
  -1,
  -(2 ** -16),
  0,
  2 ** -16,
  1,
  9.99,
  10,
  10.01,
  10.2,
  10.4,
  11,
  16,
  22.18,
  2 ** 28,
].map((v) => BigInt(Math.round(v * 2 ** 16)));

describe('exponential', () => {
  it('is at most 2^-14 of itself and 1.6 units off over its whole domain', async () => {
    await run([...sweep(10_000, -13, 10.5, 16), ...sweep(2000, -40, 40, 16)]);
  });

  it('is unbiased', async () => {
    const x = sweep(4096, -3, 3, 16);
    const y = await run(x);
    const relative = y.map((v, i) => v / Math.exp(Number(x[i]) / 2 ** 16) - 1);
    // A unit in the last place of a value of size 1/8 is 2^-13 of it, evenly on both sides.
    expect(Math.abs(relative.reduce((a, b) => a + b) / x.length)).most(2 ** -15);
  });

  for (const [shape, rounds] of [
    [BT3, 4],
    [BT4, 5],
  ] as readonly (readonly [TreeShape, number])[])
    for (const parties of [2, 3, 5])
      it(`holds at the ends and for every size of x: ${parties} parties, ${rounds} rounds, with delays`, async () => {
        const x = [...ENDS, ...powers(0, 45), ...sweep(300, -12, 11, 16)];
        const { values, outcome } = await compute(parties, [x], (s, a) => exponential(s, a), {
          delays: parties,
          config: { tree: shape },
        });
        for (const [i, y] of values.entries())
          expectExponential(Number(x[i]) / 2 ** 16, Number(y) / 2 ** 16, 16);
        expect(outcome.sessions[0].comm.stats.rounds).equal(rounds + 1); // and the reveal
      });

  it('takes products, and numbers of any scale', async () => {
    await run(sweep(2000, -13, 11, 32), { scale: 32 });
    await run(powers(16, 61), { scale: 32 });
    await run(sweep(2000, -13, 11, 20), { scale: 20 });
    await run(sweep(2000, -13, 11, 17), { scale: 17 });
    await run(sweep(2000, -13, 11, 34), { scale: 34 });
    await run(sweep(500, -13, 11, 5), { scale: 5 });
    await run(sweep(25, -14, 11, 0), { scale: 0 });
  });

  it('serves other working precisions', async () => {
    await run(sweep(2000, -13, 11, 8), { fractionBits: 8 });
    await run(sweep(2000, -13, 11, 12), { fractionBits: 12 });
    await run(sweep(2000, -13, 11, 20), { fractionBits: 20 });
    await run(sweep(2000, -13, 11, 25), { fractionBits: 25 });
    await run(sweep(2000, -13, 11, 44), { scale: 44, fractionBits: 22 });
    await run(powers(0, 51), { fractionBits: 8 });
    await run(sweep(25, -14, 11, 1), { fractionBits: 1, parties: 3 });
  });

  it('works with exact truncation, in a narrow window, and over several chunks', async () => {
    await run([...sweep(500, -13, 11, 16), ...ENDS], { config: { truncation: 'exact' } });
    await run(sweep(500, -13, 11, 32), { scale: 32, parties: 3, config: { truncation: 'exact' } });
    await run(sweep(500, -13, 11, 16), { config: { window: 40 } });
    for (const n of [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 65])
      await run(sweep(n, -13, 11, 16), { config: { chunk: BLOCK } });
  });

  it('saturates above all that it gives below', async () => {
    const y = await run(sweep(4000, 9.5, 11, 16));
    const first = y.indexOf(TOP);
    expect(first).greaterThan(0);
    expect(Math.max(...y)).equal(TOP);
  });

  it('takes no round more for a product', async () => {
    const { outcome } = await compute(2, [[5n << 32n]], (s, a) => exponential(s, a, 32));
    expect(outcome.sessions[0].comm.stats.rounds).equal(5);
  });

  it('refuses what is no number of fraction bits', async () => {
    await compute(2, [[1n]], (s, a) => {
      for (const scale of [-1, 0.5])
        expect(() => exponential(s, a, scale)).throw(RangeError, 'fraction bits');
      return a;
    });
  });
});
