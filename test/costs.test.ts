/** What blocks of a network cost: rounds and payload bytes are exact, so they are asserted. */
import { BT3, BT4, type OperationStats } from '@tacit/mpc';
import type { Party } from '@tacit/tensor';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';

const OWNER = 0;
const CLIENT = 1;

const bytes = (operations: readonly OperationStats[], kinds: readonly string[]): number =>
  operations.filter((o) => kinds.includes(o.name)).reduce((sum, o) => sum + o.bytesSent, 0);

describe('costs of blocks', () => {
  const image = new Float64Array(2 * 3 * 8 * 8).map((_, i) => ((i * 7) % 13) / 13);
  const weights = new Float64Array(4 * 3 * 3 * 3).map((_, i) => ((i * 5) % 11) / 11 - 0.5);
  const inputs = (party: Party) => ({
    x: party.cryptensor(image, { src: CLIENT, shape: [2, 3, 8, 8] }),
    secret: party.cryptensor(weights, { src: OWNER, shape: [4, 3, 3, 3] }),
    owned: party.owned(weights, { src: OWNER, shape: [4, 3, 3, 3] }),
  });

  // The result has 512 elements.
  for (const [name, tree, rounds] of [
    ['BT-4', BT4, 5],
    ['BT-3', BT3, 4],
    ['trees by size', 'by-size', 4],
  ] as const)
    it(`Conv + ReLU: ${rounds} rounds with ${name}, in both modes, truncation included`, async () => {
      const { results } = await simulate({ parties: 2, config: { tree } }, async (party) => {
        const { x, secret, owned } = inputs(party);
        const shared = x.conv2d(secret).relu();
        const inOwnerMode = x.conv2d(owned).relu();
        await Promise.all([shared.share.value, inOwnerMode.share.value]);
        return [shared.rounds, shared.scale, inOwnerMode.rounds, inOwnerMode.scale];
      });
      for (const result of results) expect(result).deep.equal([rounds, 16, rounds, 16]);
    });

  it('a product sends 8 bytes for each element that it masks, and nothing for what was masked before', async () => {
    const { operations } = await simulate({ parties: 2 }, async (party) => {
      const a = party.cryptensor(new Float64Array(6 * 5), { src: 0, shape: [6, 5] });
      const b = party.cryptensor(new Float64Array(5 * 4), { src: 1, shape: [5, 4] });
      await a.masked();
      await b.masked();
      const raw = a.matmul(b);
      await raw.share.value; // the product without its truncation
      await a.matmul(b).workingPrecision().share.value;
    });
    for (const mine of operations) {
      expect(bytes(mine, ['mask'])).equal(8 * (6 * 5 + 5 * 4));
      const products = mine.filter((o) => o.name === 'linear');
      expect(products.map((o) => o.bytesSent)).deep.equal([0, 16]); // 24 bits in a vector
      expect(products.map((o) => o.rounds)).deep.equal([0, 1]);
    }
  });

  it('in model-owner mode only the others send, and weights cross once', async () => {
    const { operations } = await simulate({ parties: 2 }, async (party) => {
      const w = party.owned(new Float64Array(5 * 4), { src: OWNER, shape: [5, 4] });
      for (let i = 0; i < 3; i++) {
        const x = party.cryptensor(new Float64Array(6 * 5), { src: CLIENT, shape: [6, 5] });
        await x.matmul(w).share.value;
      }
    });
    expect(bytes(operations[OWNER], ['own'])).equal(8 * 5 * 4);
    expect(bytes(operations[OWNER], ['mask-toward', 'owned-linear'])).equal(0);
    expect(bytes(operations[CLIENT], ['mask-toward', 'owned-linear'])).equal(3 * 8 * 6 * 5);
  });

  it('independent operations share their rounds and their frames', async () => {
    const { parties, results } = await simulate({ parties: 2 }, async (party) => {
      const xs = Array.from({ length: 20 }, () => party.cryptensor(new Float64Array(10), { src: 0 }));
      const before = party.stats.snapshot();
      await Promise.all(xs.map((x) => x.masked()));
      const frames = party.stats.since(before).peers[1 - party.rank].framesSent;
      await Promise.all(xs.map((x) => x.relu().share.value));
      return frames;
    });
    expect(results).deep.equal([1, 1]);
    expect(parties[0].stats.rounds).equal(3); // few elements: BT-3
  });
});
