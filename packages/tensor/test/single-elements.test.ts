import { expect } from 'chai';
import { runParties } from './helpers/parties.js';

describe('single elements', () => {
  it('are told as numbers, to all or to one, also of products', async () => {
    const results = await runParties(3, async (party) => {
      const x = party.cryptensor([[-1.5]], { src: 1 });
      return [
        await x.item(),
        await x.reshape([]).item({ to: 2 }),
        await x.mul(x).item(),
        await x.mul(3).item(),
        await party.cryptensor([1, 2, 3], { src: 0 }).sum().item(),
      ];
    });
    results.forEach(([all, one, product, integer, sum], rank) => {
      expect([all, one, integer, sum]).deep.equal([-1.5, rank === 2 ? -1.5 : undefined, -4.5, 6]);
      expect(product).closeTo(2.25, 2 ** -15);
    });
  });

  it('are refused where there are none or several, and misspelt recipients too', async () => {
    const codes = await runParties(2, async (party) => {
      const codeOf = (told: Promise<unknown>) =>
        told.then(
          () => 'told',
          (error) => error.code,
        );
      const x = party.cryptensor([1, 2], { src: 0 });
      return [
        await codeOf(x.item()),
        await codeOf(x.slice([0], [0]).item()),
        await codeOf(x.sum().item({ dst: 1 } as never)),
        await codeOf(x.sum().item({ to: undefined })),
      ];
    });
    for (const each of codes) expect(each).deep.equal(['SHAPE', 'SHAPE', 'ARGUMENT', 'ARGUMENT']);
  });

  it('what each party holds of them adds up to the value', async () => {
    const shares = await runParties(3, (party) => party.cryptensor([1, -2], { src: 0 }).neg().debugShares());
    const sums = [0, 1].map((i) =>
      BigInt.asIntN(
        64,
        shares.reduce((sum, share) => sum + share[i], 0n),
      ),
    );
    expect(sums).deep.equal([-(1n << 16n), 2n << 16n]);
  });
});
