import { expect } from 'chai';
import { BT3, BT4, type TreeShape } from '../src/index.js';
import { isZero } from '../src/protocols/is-zero.js';
import { dealtBits, openedBits, planTree } from '../src/trees/tree-plan.js';
import { bytesSent, everyNumber, randomNumbers } from './helpers/numbers.js';
import { compute } from './helpers/parties.js';

const shapes: [string, TreeShape][] = [
  ['w=1, binary', { w: 1, arity: [2] }],
  ['w=2, arity 3', { w: 2, arity: [3] }],
  ['w=3, arity 2', { w: 3, arity: [2] }],
  ['one leaf', { w: 8, arity: [2] }],
  ['8 chunks, arity 8', { chunks: 8, arity: [8] }],
];

describe('equality', () => {
  it('plans trees that open eq bits only', () => {
    const bt4 = planTree(64, BT4, 'equal');
    expect(openedBits(bt4)).equal(20);
    expect(bt4.levels.length).equal(2);
    expect(dealtBits(bt4)).equal(16 * 15 + 5 * 11);
    expect(openedBits(planTree(64, BT3, 'equal'))).equal(8);
  });

  for (const [name, tree] of shapes)
    for (const parties of [2, 3, 5])
      it(`finds every zero of 8 bits: ${name}, ${parties} parties`, async () => {
        const x = everyNumber(7, 8);
        const { values } = await compute(parties, [x], (s, a) => isZero(s, a, { window: 8, tree }));
        expect(values).deep.equal(x.map((v) => (v === 0n ? 1n : 0n)));
      });

  for (const parties of [2, 3, 5])
    for (const [name, tree, rounds, opened] of [
      ['BT-4', BT4, 4, 20],
      ['BT-3', BT3, 3, 8],
    ] as const)
      it(`is exact for all words at its cost, ${name}, ${parties} parties, with delays`, async () => {
        const n = 256;
        const x = randomNumbers(n, 63).map((v, i) =>
          i % 3 === 0 ? 0n : i % 3 === 1 ? 1n << BigInt(i % 64) : v,
        );
        const { values, outcome } = await compute(parties, [x], (s, a) => isZero(s, a), {
          config: { tree },
          delays: parties,
        });
        expect(values).deep.equal(x.map((v) => (v === 0n ? 1n : 0n)));
        for (const operations of outcome.operations)
          expect(bytesSent(operations, 'equal')).equal(((n * (64 + opened + 1)) / 8) * (parties - 1));
        expect(outcome.sessions[0].comm.stats.rounds).equal(rounds + 1); // and the reveal
      });
});
