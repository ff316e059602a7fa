/** Whom a value is told, and how it is rounded on its way. */
import { expect } from 'chai';
import { runParties } from './helpers/parties.js';

describe('reveal', () => {
  it('tells nobody where the recipient is misspelt', async () => {
    const results = await runParties(2, async (party) => {
      const x = party.cryptensor([1, 2], { src: 0 });
      const told: string[] = [];
      for (const call of [
        () => x.getPlainText({ dst: 0 } as never),
        () => x.getPlainText(0 as never),
        () => x.reveal(1 as never),
        () => x.reveal(null as never),
        () => x.reveal({ dst: 1 } as never),
        () => x.reveal({ to: undefined }),
        () => x.reveal({ to: 2 }),
        () => x.reveal({ to: '1' } as never),
        () => x.reveal({ to: null } as never),
        () => x.reveal({ to: Number.NaN }),
        () => x.revealFloat64({ dst: 1 } as never),
      ])
        told.push(
          await call().then(
            () => 'told',
            () => 'refused',
          ),
        );
      return [told.join(), (await x.revealFloat64({ to: 0 }))?.data.join()];
    });
    const refused = new Array(11).fill('refused').join();
    expect(results).deep.equal([
      [refused, '1,2'],
      [refused, undefined],
    ]);
  });

  it('tells only who may know', async () => {
    const results = await runParties(3, async (party) => {
      const x = party.cryptensor([1.5, -2], { src: 0 });
      const y = await x.reveal({ to: 2 });
      return y && [...(y.data as Float32Array)];
    });
    expect(results).deep.equal([undefined, undefined, [1.5, -2]]);
  });

  for (const parties of [2, 3, 5])
    it(`of a product to one: rounded on its way at two parties, after a truncation at more, ${parties} parties`, async () => {
      const numbers = [1.5, -2, 0.3, 1000.25];
      const results = await runParties(parties, async (party) => {
        const x = party.cryptensor(numbers, { src: 0 });
        const y = x.square().add(1);
        party.stats.reset();
        const first = await y.revealFloat64({ to: 1 });
        const { rounds } = party.stats.snapshot();
        const again = await y.revealFloat64({ to: 1 });
        const all = await y.revealFloat64();
        const then = await y.revealFloat64({ to: 1 });
        return { rounds, told: [first, again, then].map((p) => p && [...p.data]), all: all && [...all.data] };
      });
      results.forEach(({ told, all }, rank) => {
        const seen = rank === 1 ? [...told, all] : [all];
        for (const values of seen)
          values?.forEach((v, i) => {
            const encoded = Math.round(numbers[i] * 2 ** 16) / 2 ** 16;
            expect(v * 2 ** 16 - Math.floor((encoded * encoded + 1) * 2 ** 16)).within(0, 1);
          });
        if (rank !== 1) expect(told).deep.equal([undefined, undefined, undefined]);
        else expect(told[1]).deep.equal(told[0]);
      });
      // The mask and the reveal; with more than two parties the truncation between them.
      expect(Math.max(...results.map(({ rounds }) => rounds))).equal(parties === 2 ? 2 : 3);
    });
});
