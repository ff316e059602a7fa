/** Products with views of a tensor that was multiplied before: in the shape of the view, and without a message. */
import { expect } from 'chai';
import type { CrypTensor, Plain } from '../src/index.js';
import { runParties } from './helpers/parties.js';

const rounded = async (x: CrypTensor): Promise<number[]> =>
  Array.from(((await x.revealFloat64()) as Plain).data, Math.round);

describe('views of masked tensors', () => {
  it('are multiplied in their own shape', async () => {
    const wanted = [1, 2, 3, 4].flatMap((v) => [v, v, v, v]);
    const results = await runParties(2, async (party) => {
      const ones = new Float64Array(16).fill(1);
      const z = party.cryptensor(ones, { src: 1, shape: [4, 4] });
      const w = party.owned(ones, { src: 1, shape: [4, 4] });
      const t = party.cryptensor([[1, 2, 3, 4]], { src: 0, shape: [1, 4] });
      await t.masked();
      await rounded(t.mul(w));
      return Promise.all([
        rounded(t.reshape([4, 1]).mul(z)),
        rounded(t.reshape([4, 1]).mul(w)),
        rounded(t.transpose().mul(z)),
        rounded(t.squeeze().unsqueeze(1).mul(z)),
      ]);
    });
    for (const found of results) for (const values of found) expect(values).deep.equal(wanted);
  });

  it('are selections at equal distances, too', async () => {
    const opened = async (select: (x: CrypTensor) => CrypTensor) => {
      const [bytes] = await runParties(2, async (party) => {
        const x = party.cryptensor(
          [
            [1, 2, 3],
            [4, 5, 6],
            [7, 8, 9],
          ],
          { src: 0 },
        );
        await x.masked();
        const part = select(x);
        const before = party.stats.total.bytesSent;
        await part.masked();
        return party.stats.total.bytesSent - before;
      });
      return bytes;
    };
    expect(await opened((x) => x.indexSelect(0, [2, 0]))).equal(0);
    expect(await opened((x) => x.take(1, -1))).equal(0);
    expect(await opened((x) => x.diagonal())).equal(0);
    expect(await opened((x) => x.indexSelect(0, [2, 0, 2]))).greaterThan(0);
  });

  it('are right after a product, with what comes of it', async () => {
    await runParties(3, async (party) => {
      const x = party.cryptensor([[1, 2, 3, 4]], { src: 0 });
      const w = party.cryptensor([[1], [2], [3], [4]], { src: 1 });
      const y = x.matmul(w);
      await rounded(y);
      const back = x.transpose().matmul(y.workingPrecision());
      expect(await rounded(back)).deep.equal([30, 60, 90, 120]);
    });
  });
});
