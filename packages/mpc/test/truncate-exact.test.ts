import { expect } from 'chai';
import { relu } from '../src/protocols/relu.js';
import { truncate } from '../src/protocols/truncate.js';
import { truncateExact } from '../src/protocols/truncate-exact.js';
import { bytesSent, everyNumber, randomNumbers } from './helpers/numbers.js';
import { compute } from './helpers/parties.js';

const floor = (v: bigint, f: number): bigint => v >> BigInt(f);

describe('exact truncation', () => {
  for (const parties of [2, 3, 5])
    for (const f of [1, 2, 3, 5])
      it(`gives the floor of every 6-bit number by ${f} bits in a window of 8, ${parties} parties`, async () => {
        const x = everyNumber(6, 16);
        const tree = { w: 2, arity: [2] };
        const { values } = await compute(parties, [x], (s, a) => truncateExact(s, a, f, { window: 8, tree }));
        expect(values).deep.equal(x.map((v) => floor(v, f)));
      });

  for (const parties of [2, 3, 5])
    it(`gives the floor at its cost, ${parties} parties, with delays`, async () => {
      const n = 256;
      const x = randomNumbers(n, 61);
      const { values, outcome } = await compute(parties, [x], (s, a) => truncateExact(s, a, 16), {
        delays: 7,
      });
      expect(values).deep.equal(x.map((v) => floor(v, 16)));
      for (const operations of outcome.operations)
        expect(bytesSent(operations, 'truncate-exact')).equal(((n * (64 + 6 + 1)) / 8) * (parties - 1));
      expect(outcome.sessions[0].comm.stats.rounds).equal(4); // and the reveal
    });

  it('replaces every truncation where the settings say so', async () => {
    const x = randomNumbers(200, 61);
    const config = { truncation: 'exact' } as const;
    const cut = await compute(2, [x], (s, a) => truncate(s, a, 20), { config });
    expect(cut.values).deep.equal(x.map((v) => floor(v, 20)));
    const positive = await compute(2, [x], (s, a) => relu(s, a, { truncate: 16 }), { config });
    expect(positive.values).deep.equal(x.map((v) => (v > 0n ? floor(v, 16) : 0n)));
  });
});
