/** Repeated inferences need no more memory than the first ones; disposed tensors cannot be used. */
import { runExported } from '@tacit/launch';
import type { CrypTensor } from '@tacit/tensor';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { inferRepeatedly, type Job, type Usage } from './programs/memory.js';

const program = new URL('./programs/memory.ts', import.meta.url);
const mlp: Job = {
  model: 'mnist_mlp_784_128_128_10',
  inputShape: [1, 784],
  mode: 'owned',
  warmUp: 300,
  count: 320,
};
const KIB = 1024;

/**
 * A leak grows in both halves of the way; what is kept for a while (the last operations by name) comes and goes. One
 * activation of these models is kilobytes, one set of weights a megabyte.
 */
function expectFlat(usage: Usage, inferences: number, perInference: number, who: string): void {
  const half = usage.length / 2;
  const growth = Math.min(...usage.slice(half)) - Math.min(...usage.slice(0, half));
  const shown = usage.map((bytes) => `${Math.round(bytes / KIB)} KiB`).join(', ');
  expect(growth / (inferences / 2), `${who}: ${shown}`).below(perInference);
}

describe('memory', function () {
  this.timeout(60_000);

  it("320 inferences of the MLP in threads leave each party's as it was", async () => {
    const usage = (await runExported({ worldSize: 2 }, program, 'inferRepeatedly', mlp)) as Usage[];
    usage.forEach((u, rank) => {
      expectFlat(u, mlp.count, 4 * KIB, `party ${rank}`);
    });
  });

  it('240 inferences of a convolutional model with shared weights, parties and dealer together', async () => {
    const job: Job = {
      model: 'mnist_cnn_bn',
      inputShape: [1, 1, 28, 28],
      mode: 'shared',
      warmUp: 100,
      count: 240,
    };
    const { results } = await simulate({ parties: 2 }, (party) => inferRepeatedly(party, job));
    // The helper keeps a record of each operation, some 10 KiB an inference.
    expectFlat(results[0], job.count, 24 * KIB, 'all');
  });

  it('a disposed tensor throws DISPOSED wherever it is used', async () => {
    await simulate({ parties: 2 }, async (party) => {
      const make = () => party.cryptensor([1, 2, 3, 4], { src: 0, shape: [2, 2] });
      const other = make();
      const uses: ((x: CrypTensor) => unknown)[] = [
        (x) => x.relu(),
        (x) => x.add(1),
        (x) => x.add(other),
        (x) => other.add(x),
        (x) => x.mul(other).getPlainText(),
        (x) => other.matmul(x).getPlainText(),
        (x) => x.square().getPlainText(),
        (x) => x.reshape([4]),
        (x) => x.transpose(),
        (x) => x.slice([0, 0], [1, 1]),
        (x) => x.gt(other),
        (x) => x.max(),
        (x) => x.sum(),
        (x) => x.masked(),
        (x) => x.getPlainText(),
        (x) => x.revealFloat64({ to: 1 }),
      ];
      for (const [i, use] of uses.entries()) {
        const x = make();
        // Uses that are on their way stay valid.
        const before = x.mul(3).getPlainText();
        x.dispose();
        x.dispose();
        let error: unknown;
        try {
          await use(x);
        } catch (thrown) {
          error = thrown;
        }
        expect(error, `use ${i}`).include({ code: 'DISPOSED' });
        expect(Array.from((await before).data as Float32Array)).deep.equal([3, 6, 9, 12]);
      }
      // The session goes on.
      expect(Array.from((await other.relu().getPlainText()).data as Float32Array)).deep.equal([1, 2, 3, 4]);
    });
  });
});
