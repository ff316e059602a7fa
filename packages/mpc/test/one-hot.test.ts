import type { Words } from '@tacit/ring';
import { expect } from 'chai';
import { AdditiveEngine } from '../src/index.js';
import { oneHot } from '../src/protocols/one-hot.js';
import { reveal } from '../src/protocols/reveal.js';
import { bytesSent } from './helpers/numbers.js';
import { compute, input, runParties } from './helpers/parties.js';

/** Rows as an honest third party makes them. */
function rowsOf(x: readonly bigint[], depth: number): bigint[] {
  const period = BigInt(2 ** Math.max(1, Math.ceil(Math.log2(depth))));
  return x.flatMap((v) => {
    const place = ((v % period) + period) % period;
    return Array.from({ length: depth }, (_, j) => (place === BigInt(j) ? 1n : 0n));
  });
}

const EDGES = [0n, 1n, -1n, -2n, 2n ** 62n, 2n ** 62n + 3n, -(2n ** 63n), 2n ** 63n - 1n];

describe('one-hot rows of private indices', () => {
  for (const parties of [2, 3, 5])
    for (const depth of [1, 2, 3, 5, 8, 100])
      it(`has a 1 at the place of each index mod a power of two, ${depth} places, ${parties} parties`, async () => {
        const x = [...EDGES, ...Array.from({ length: depth }, (_, i) => BigInt(i)), BigInt(depth)];
        const { values } = await compute(parties, [x], (s, a) => oneHot(s, a, depth), { delays: 3 });
        expect(values).deep.equal(rowsOf(x, depth));
      });

  it('is cut where rows are many or long, at its cost', async () => {
    for (const [n, depth] of [
      [9, 2 ** 17 - 5],
      [40_000, 7],
    ]) {
      const x = Array.from({ length: n }, (_, i) => BigInt((i * 7919) % depth));
      const bits = Math.ceil(Math.log2(depth));
      const outcome = await runParties(3, async (session) => {
        const rows = oneHot(session, input(session, x), depth);
        const words = (await reveal(session, rows, 1)) as Words | undefined;
        const at: number[] = [];
        words?.forEach((v, i) => {
          if (v !== 0n) at.push(v === 1n ? i : -1);
        });
        return at;
      });
      expect(outcome.results[1]).deep.equal(x.map((v, i) => i * depth + Number(v)));
      for (const operations of outcome.operations)
        expect(bytesSent(operations, 'one-hot')).within((2 * n * bits) / 8, (2 * n * bits) / 8 + 20);
      expect(outcome.sessions[0].comm.stats.rounds).equal(2); // and the reveal
    }
  });

  it('of no index, or without places, is empty; what is no number of places is refused', async () => {
    await runParties(2, async (session) => {
      const engine = new AdditiveEngine(session);
      const x = input(session, [1n, 2n]).reshaped([2, 1]);
      expect(engine.oneHot(x, 0).shape).deep.equal([2, 1, 0]);
      const none = engine.oneHot(input(session, []), 4);
      expect(none.shape).deep.equal([0, 4]);
      expect(await engine.reveal(none)).deep.equal(new BigUint64Array(0));
      const scalar = engine.oneHot(input(session, [3n]).reshaped([]), 4);
      expect(await engine.reveal(scalar)).deep.equal(BigUint64Array.of(0n, 0n, 0n, 1n));
      for (const depth of [-1, 1.5, 2 ** 20 + 1, Number.NaN])
        expect(() => engine.oneHot(x, depth)).throws(RangeError);
    });
  });
});
