/** Costs of bits, and what block and chunk borders do to them; values of each operation are in the engine's compliance. */
import { randomBits } from '@tacit/testing';
import { expect } from 'chai';
import { AdditiveEngine } from '../src/index.js';
import type { Share } from '../src/runtime/share.js';
import type { Binary } from '../src/suites/binary-secret.js';
import { bytesSent } from './helpers/numbers.js';
import { compute, type RunOptions } from './helpers/parties.js';

/** 0, -1 = 2^64 - 1, 2^63 and its neighbours, runs of ones that end and begin at each place, and random words. */
const edges = [0n, -1n, 1n << 63n, (1n << 63n) - 1n, 1n].concat(
  Array.from({ length: 64 }, (_, k) => [1n << BigInt(k), (1n << BigInt(k)) - 1n, -(1n << BigInt(k))]).flat(),
);
const anyWords = (n: number): bigint[] =>
  Array.from({ length: n }, (_, i) => BigInt.asIntN(64, edges[i] ?? randomBits(64)));

type Use = (engine: AdditiveEngine, x: Binary<Share>, y: Binary<Share>) => Binary<Share>;

const throughBits = (
  parties: number,
  [x, y]: readonly [readonly bigint[], readonly bigint[]],
  use: Use,
  options?: RunOptions,
) =>
  compute(
    parties,
    [x, y],
    (session, a, b) => {
      const engine = new AdditiveEngine(session);
      return engine.fromBits(use(engine, engine.toBits(a), engine.toBits(b)));
    },
    options,
  );

describe('bits', () => {
  for (const parties of [2, 3, 5]) {
    it(`are exact for edge words and others at their cost, ${parties} parties, with delays`, async () => {
      const n = 256;
      const x = anyWords(n);
      const y = x.map((_, i) => x[(i * 37 + 11) % n]);
      const { values, outcome } = await throughBits(parties, [x, y], (e, a, b) => e.orBits(a, b), {
        delays: parties,
      });
      expect(values).deep.equal(x.map((v, i) => v | y[i]));
      for (const operations of outcome.operations) {
        const sent = (name: string) => bytesSent(operations, name) / (n * (parties - 1));
        expect(sent('to-bits')).equal(2 * 40);
        expect(sent('and-bits')).equal(16);
        expect(sent('from-bits')).equal(8);
        expect(sent('xor-bits')).equal(0);
      }
      expect(outcome.sessions[0].comm.stats.rounds).equal(3 + 1 + 1 + 1); // and the reveal
      expect(outcome.dealerBytes / n).equal(2 * 256 + 8 + 384);
    });

    it(`cost nothing where they are linear, ${parties} parties`, async () => {
      const x = anyWords(200);
      const linear: Use = (e, a, b) => e.shrBits(e.notBits(e.xorBits(e.shlBits(a, 3), b)), 5);
      const { values, outcome } = await throughBits(parties, [x, x], linear);
      const wanted = x.map((v) => BigInt.asUintN(64, ~((v << 3n) ^ v)) >> 5n);
      expect(values).deep.equal(wanted);
      expect(outcome.sessions[0].comm.stats.rounds).equal(3 + 1 + 1);
    });
  }

  it('are the same across the borders of blocks and chunks', async () => {
    const n = 2 * 8192 + 1100;
    const x = anyWords(n);
    const y = anyWords(n).reverse();
    const config = { chunk: 8192 };
    const { values } = await throughBits(3, [x, y], (e, a, b) => e.andBits(a, b), { config });
    // One comparison: an assertion on so many numbers takes longer than the protocol.
    expect(values.join()).equal(x.map((v, i) => v & y[i]).join());
  });
});
