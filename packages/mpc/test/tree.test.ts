import { expect } from 'chai';
import { BT3, BT4, FEW_ELEMENTS, type TreeShape } from '../src/index.js';
import { nonNegative } from '../src/protocols/non-negative.js';
import { relu } from '../src/protocols/relu.js';
import { dealtBits, openedBits, planTree, treeFor } from '../src/trees/tree-plan.js';
import { bytesSent } from './helpers/numbers.js';
import { compute } from './helpers/parties.js';

describe('comparison trees', () => {
  it('plans BT-4 and BT-3 with the documented costs', () => {
    const bt4 = planTree(63, BT4);
    expect(bt4.levels.length).equal(2);
    expect(64 + openedBits(bt4) + 1).equal(98); // 12.25 bytes a ReLU
    expect(dealtBits(bt4)).equal(232 + 96);
    const bt3 = planTree(63, BT3);
    expect(bt3.levels.length).equal(1);
    expect(bt3.levels[0].opened).equal(14);
    expect(bt3.levels[0].products).equal(367);
    expect(48 + openedBits(planTree(47, BT3)) + 1).equal(63); // 7.9 bytes
  });

  it('chooses BT-3 for few elements where it saves a round, else BT-4, unless one is set', () => {
    for (const bits of [63, 64, 47, 32, 17]) {
      expect(treeFor('by-size', 1, bits), `${bits} bits`).equal(BT3);
      expect(treeFor('by-size', FEW_ELEMENTS, bits), `${bits} bits`).equal(BT3);
      expect(treeFor('by-size', FEW_ELEMENTS + 1, bits), `${bits} bits`).equal(BT4);
    }
    for (const bits of [16, 8, 4]) expect(treeFor('by-size', 1, bits), `${bits} bits`).equal(BT4);
    for (const n of [1, 10_000]) for (const tree of [BT3, BT4]) expect(treeFor(tree, n, 63)).equal(tree);
  });

  for (const parties of [2, 3, 5])
    it(`takes rounds and bytes of BT-3 up to ${FEW_ELEMENTS} elements, of BT-4 above, ${parties} parties`, async () => {
      for (const [n, rounds, bytes] of [
        [FEW_ELEMENTS, 3, 9.875],
        [FEW_ELEMENTS + 128, 4, 12.25],
      ]) {
        const x = Array.from({ length: n }, (_, i) => BigInt(i - 100) << BigInt(i % 50));
        for (const f of [relu, nonNegative]) {
          const { values, outcome } = await compute(parties, [x], (s, a) => f(s, a), { delays: n });
          expect(values).deep.equal(x.map((v) => (f === relu ? (v > 0n ? v : 0n) : v >= 0n ? 1n : 0n)));
          for (const operations of outcome.operations)
            expect(bytesSent(operations, f === relu ? 'relu' : 'compare')).equal(bytes * n * (parties - 1));
          expect(outcome.sessions[0].comm.stats.rounds).equal(rounds + 1); // and the reveal
        }
      }
    });

  it('rejects shapes that cannot work', () => {
    expect(() => planTree(63, { arity: [4] })).throw(RangeError);
    expect(() => planTree(63, { w: 4, chunks: 8, arity: [4] })).throw(RangeError);
    expect(() => planTree(63, { w: 4, arity: [] })).throw(RangeError);
    expect(() => planTree(63, { w: 4, arity: [9] })).throw(RangeError);
    expect(() => planTree(63, { w: 11, arity: [2] })).throw(RangeError);
  });

  const shapes: [string, TreeShape][] = [
    ['w=1, binary', { w: 1, arity: [2] }],
    ['w=2, arity 2', { w: 2, arity: [2, 2] }],
    ['w=2, arity 4', { w: 2, arity: [4] }],
    ['w=3, arity 3', { w: 3, arity: [3] }],
    ['one leaf', { w: 7, arity: [2] }],
    ['8 chunks, arity 8', { chunks: 8, arity: [8] }],
  ];
  const all = Array.from({ length: 256 }, (_, i) => BigInt(i - 128));
  for (const [name, tree] of shapes)
    for (const parties of [2, 3])
      it(`compares every 8-bit number: ${name}, ${parties} parties`, async () => {
        // Every value 20 times: with fresh masks each time.
        const x = Array.from({ length: 20 }, () => all).flat();
        const { values } = await compute(parties, [x], (s, a) => nonNegative(s, a, { window: 8, tree }));
        expect(values).deep.equal(x.map((v) => (v >= 0n ? 1n : 0n)));
        const positive = await compute(parties, [x], (s, a) => relu(s, a, { window: 8, tree }));
        expect(positive.values).deep.equal(x.map((v) => (v > 0n ? v : 0n)));
      });
});
