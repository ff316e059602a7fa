import { expect } from 'chai';
import { BT3, BT4, type Extreme } from '../src/index.js';
import { argExtremeOfFirstAxis } from '../src/protocols/arg-max.js';
import { extremeOfFirstAxis } from '../src/protocols/max.js';
import { bytesSent, everyNumber, randomNumbers } from './helpers/numbers.js';
import { compute, type RunOptions } from './helpers/parties.js';

/** By definition, for x of shape [k, width]. */
function expected(
  extreme: Extreme,
  x: readonly bigint[],
  k: number,
): { values: bigint[]; indices: bigint[] } {
  const width = x.length / k;
  const better = (a: bigint, b: bigint) => (extreme === 'max' ? a > b : a < b);
  const indices = Array.from({ length: width }, (_, j) => {
    let best = 0;
    for (let i = 1; i < k; i++) if (better(x[i * width + j], x[best * width + j])) best = i;
    return best;
  });
  return { values: indices.map((i, j) => x[i * width + j]), indices: indices.map(BigInt) };
}

const extremes = async (
  parties: number,
  extreme: Extreme,
  x: readonly bigint[],
  k: number,
  options?: RunOptions,
  comparison = {},
) => {
  const shape = [k, x.length / k];
  const values = await compute(
    parties,
    [x],
    (s, a) => extremeOfFirstAxis(s, extreme, a.reshaped(shape), comparison),
    options,
  );
  const indices = await compute(
    parties,
    [x],
    (s, a) => argExtremeOfFirstAxis(s, extreme, a.reshaped(shape), comparison).index,
    options,
  );
  return { values, indices };
};

describe('maximum and minimum', () => {
  const window8 = { window: 8, tree: { w: 2, arity: [4] } };
  for (const parties of [2, 3, 5])
    for (const extreme of ['max', 'min'] as const) {
      it(`are exact for every pair of 7-bit numbers, ${extreme}, ${parties} parties`, async () => {
        // All values against some others, equal ones included.
        const first = everyNumber(6, 24);
        const second = first.map((v, i) =>
          i % 5 === 0 ? v : first[(i * 37 + 11 * Math.floor(i / 128)) % first.length],
        );
        const x = [...first, ...second];
        const found = await extremes(parties, extreme, x, 2, {}, window8);
        const wanted = expected(extreme, x, 2);
        expect(found.values.values).deep.equal(wanted.values);
        expect(found.indices.values).deep.equal(wanted.indices);
      });

      it(`are exact for all magnitudes, ${extreme}, ${parties} parties, with delays`, async () => {
        for (const k of [1, 3, 7, 10]) {
          const x = randomNumbers(20 * k, 61).map((v, i) => (i % 4 === 0 ? 5n : v));
          const found = await extremes(parties, extreme, x, k, { delays: k });
          const wanted = expected(extreme, x, k);
          expect(found.values.values).deep.equal(wanted.values);
          expect(found.indices.values).deep.equal(wanted.indices);
        }
      });
    }

  it('take the lowest index of equal values', async () => {
    const x = Array.from({ length: 9 * 64 }, (_, i) => BigInt((i * 7919) % 3));
    const { indices } = await extremes(2, 'max', x, 9);
    expect(indices.values).deep.equal(expected('max', x, 9).indices);
  });

  // Of each level: rounds, and bits that a ReLU opens. There are 1,024, 512 and 256 ReLUs.
  for (const parties of [2, 3])
    for (const [name, tree, rounds, opened] of [
      ['BT-4', BT4, [4, 4, 4], [98, 98, 98]],
      ['BT-3', BT3, [3, 3, 3], [79, 79, 79]],
      ['trees by size', 'by-size', [4, 3, 3], [98, 79, 79]],
    ] as const)
      it(`cost k - 1 ReLUs in ceil(log2 k) times their rounds, ${name}, ${parties} parties`, async () => {
        const [k, width] = [8, 256];
        const x = randomNumbers(k * width, 40);
        const { values, indices } = await extremes(parties, 'max', x, k, { config: { tree } });
        const relus = opened.reduce((sum, bits, i) => sum + ((k >> (i + 1)) * width * bits) / 8, 0);
        const all = rounds.reduce((a, b) => a + b, 0) + 1; // and the reveal
        for (const operations of values.outcome.operations)
          expect(bytesSent(operations, 'relu')).equal(relus * (parties - 1));
        expect(values.outcome.sessions[0].comm.stats.rounds).equal(all);
        for (const operations of indices.outcome.operations)
          expect(bytesSent(operations, 'arg-level')).equal((relus + 8 * 3 * width) * (parties - 1));
        expect(indices.outcome.sessions[0].comm.stats.rounds).equal(all);
      });
});
