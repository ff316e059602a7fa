import { expect } from 'chai';
import { AdditiveEngine, ShapeError, type Share } from '../src/index.js';
import { runParties, signed, words } from './helpers/parties.js';

describe('the engine of the additive suite', () => {
  for (const parties of [2, 3])
    it(`computes a layer between ${parties} parties`, async () => {
      const { results } = await runParties(parties, async (session) => {
        const engine = new AdditiveEngine(session);
        const mine = (rank: number, values: bigint[]) => (session.rank === rank ? words(values) : undefined);
        const x = engine.input(0, [1, 2], mine(0, [1n, -2n]));
        const w = engine.input(1, [2, 2], mine(1, [3n, 1n, 5n, -1n]));
        const f = { op: 'matmul', m: 1, k: 2, n: 2, batch: 1, aBroadcast: false, bBroadcast: false } as const;
        const y = engine.bilinear(f, engine.prepare(x), engine.prepare(w), [1, 2]);
        const joined = engine.concat([y, engine.relu(y).y], 0);
        return engine.reveal(engine.sumAxes(joined, [0], true));
      });
      const s = parties === 2 ? 2n : 1n;
      for (const told of results) expect(signed(told ?? words([]))).deep.equal([-7n * s, 2n * 3n * s]);
    });

  it('joins along an axis that exists, or not at all', async () => {
    await runParties(2, async (session) => {
      const engine = new AdditiveEngine(session);
      const x: Share = engine.fromPublic(words([1n, 2n]), [2]);
      for (const axis of [1, 5, -1, 0.5, Number.NaN])
        expect(() => engine.concat([x, x], axis)).throws(ShapeError, 'axis');
    });
  });
});
