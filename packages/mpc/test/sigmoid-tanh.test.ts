import { expect } from 'chai';
import { BT3, BT4, type Session } from '../src/index.js';
import { sigmoid } from '../src/protocols/sigmoid.js';
import { tanh } from '../src/protocols/tanh.js';
import { BLOCK } from '../src/runtime/layout.js';
import type { Share } from '../src/runtime/share.js';
import { dealtBits, openedBits, planTree } from '../src/trees/tree-plan.js';
import { bytesSent } from './helpers/numbers.js';
import { compute, type RunOptions } from './helpers/parties.js';

interface Case {
  readonly name: string;
  readonly f: (session: Session, x: Share, scale?: number) => Share;
  readonly plain: (x: number) => number;
  readonly low: bigint;
  readonly sines: number;
  /** Fraction bits of x as an angle, over its own. */
  readonly halvings: number;
  /** Largest error at 16 fraction bits or more, roundings included. */
  readonly bound: number;
}
const cases: Case[] = [
  { name: 'tanh', f: tanh, plain: Math.tanh, low: -1n, sines: 7, halvings: 0, bound: 1.6e-4 },
  {
    name: 'sigmoid',
    f: sigmoid,
    plain: (x) => 1 / (1 + Math.exp(-x)),
    low: 0n,
    sines: 6,
    halvings: 1,
    bound: 1.5e-4,
  },
];

/** Of the spline gate, which serves what the sine gate cannot. */
const SPLINE_BOUND = 2e-4;

/** Evenly spread numbers from -range to range, at a number of fraction bits. */
const sweep = (count: number, range: number, scale: number): bigint[] =>
  Array.from({ length: count }, (_, i) =>
    BigInt(Math.round(((2 * i) / (count - 1) - 1) * range * 2 ** scale)),
  );

/** 2^k and its neighbours on both sides of zero. */
const powers = (from: number, to: number): bigint[] =>
  Array.from({ length: to - from + 1 }, (_, i) => 1n << BigInt(from + i)).flatMap((p) => [
    p,
    -p,
    p + 1n,
    1n - p,
  ]);

async function worst(
  { f, plain }: Case,
  x: bigint[],
  scale: number,
  fractionBits = 16,
  options: RunOptions = {},
): Promise<number> {
  const config = { fractionBits, ...options.config };
  const { values } = await compute(2, [x], (s, a) => f(s, a, scale), { config });
  return Math.max(
    ...values.map((y, i) => Math.abs(Number(y) / 2 ** fractionBits - plain(Number(x[i]) / 2 ** scale))),
  );
}

for (const c of cases)
  describe(c.name, () => {
    it(`is at most ${c.bound} off at the working precision, over all x`, async () => {
      expect(await worst(c, sweep(60_001, 12, 16), 16)).most(c.bound);
    });

    it('is as good from product scale, and from any other', async () => {
      expect(await worst(c, sweep(20_001, 12, 32), 32)).most(c.bound);
      expect(await worst(c, sweep(5001, 12, 20), 20)).most(c.bound);
      expect(await worst(c, sweep(5001, 12, 13), 13)).most(c.bound);
      expect(await worst(c, sweep(25, 12, 0), 0)).most(c.bound);
    });

    it('serves other working precisions', async () => {
      expect(await worst(c, sweep(5001, 12, 12), 12, 12)).most(c.bound + 2 ** -12);
      expect(await worst(c, sweep(5001, 12, 20), 20, 20)).most(c.bound);
      expect(await worst(c, sweep(5001, 12, 44), 44, 22)).most(c.bound);
    });

    it('serves a narrow window', async () => {
      expect(await worst(c, sweep(5001, 12, 16), 16, 16, { config: { window: 32 } })).most(c.bound);
      expect(await worst(c, sweep(5001, 12, 32), 32, 16, { config: { window: 48 } })).most(c.bound);
    });

    it('works with exact truncation', async () => {
      expect(await worst(c, sweep(2001, 12, 32), 32, 16, { config: { truncation: 'exact' } })).most(
        SPLINE_BOUND,
      );
    });

    it('works where a turn of the angle does not fit the window', async () => {
      const config = { window: 48 };
      expect(await worst(c, sweep(1001, 8, 40), 40, 16, { config })).most(SPLINE_BOUND);
    });

    it('works over several chunks, and at the largest precision', async () => {
      const config = { chunk: BLOCK };
      expect(await worst(c, sweep(9001, 12, 25), 25, 25, { config })).most(c.bound);
    });

    it('is -1 (0), nearly 0 (a half) or 1 for one bit of fraction', async () => {
      const { values } = await compute(2, [[-40n, 0n, 40n]], (s, a) => c.f(s, a, 1), {
        config: { fractionBits: 1 },
      });
      expect(values[0]).equal(2n * c.low);
      expect(Math.abs(Number(values[1]) - 2 * c.plain(0))).most(1);
      expect(values[2]).equal(2n);
    });

    for (const [parties, shape, rounds] of [
      [2, BT3, 3],
      [3, BT3, 3],
      [5, BT3, 3],
      [2, BT4, 4],
      [3, BT4, 4],
      [5, BT4, 4],
    ] as const)
      it(`saturates exactly for every x beyond the pieces, at its cost, ${rounds} rounds, ${parties} parties, with delays`, async () => {
        const x = powers(20, 61);
        const config = shape === BT3 ? {} : { tree: shape }; // so few elements take BT-3 unless told otherwise
        const scaled = await compute(parties, [x, x], (s, a) => c.f(s, a, 16), { delays: parties, config });
        expect(scaled.values).deep.equal(x.map((v) => (v > 0n ? 1n << 16n : c.low << 16n)));
        const tree = planTree(63 - (16 + c.halvings - 1), shape);
        const bits = 2 * openedBits(tree) + 2;
        const padded = Math.ceil(x.length / 128) * 16; // bytes a plane
        for (const operations of scaled.outcome.operations)
          expect(bytesSent(operations, 'sines')).equal((12 * x.length + bits * padded) * (parties - 1));
        const leaves = tree.leaves.reduce((sum, w) => sum + (1 << w) - 1, 0);
        const dealtPlanes = leaves + 2 * (dealtBits(tree) - leaves) + 1;
        expect(scaled.outcome.dealerBytes).equal(8 * x.length * (c.sines + 6) + dealtPlanes * padded);
        expect(scaled.outcome.sessions[0].comm.stats.rounds).equal(rounds + 1); // and the reveal
        const wide = powers(37, 61);
        const product = await compute(parties, [wide], (s, a) => c.f(s, a, 32), { config });
        expect(product.values).deep.equal(wide.map((v) => (v > 0n ? 1n << 16n : c.low << 16n)));
        expect(product.outcome.sessions[0].comm.stats.rounds).equal(rounds + 1);
      });
  });
