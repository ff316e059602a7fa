/** Softmax and its logarithm at all spreads and widths. */
import { costEngine, defaultConfig } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { type CrypTensor, Party } from '../src/index.js';

const row = (width: number, at: (i: number) => number) => Array.from({ length: width }, (_, i) => at(i));
/** Rows of one width each: far apart, close together, equal, of one element. */
const ROWS: Record<string, number[]> = {
  'a spread of 600': [0, -600, 600, 599, 598.5],
  'a spread beyond the exponential': [2 ** 20, -(2 ** 20), 0, 2 ** 20 - 3],
  'close values': [0.001, 0.002, 0, -0.001],
  'equal values': row(10, () => -7),
  'one value': [123.5],
  'negative values': [-1000, -1001, -1002.5],
  'a width of 300': row(300, (i) => Math.sin(i) * 5),
  'a width of 4,096': row(4096, (i) => ((i * 37) % 100) / 20),
};

const softmax = (x: readonly number[]): number[] => {
  const top = Math.max(...x);
  const powers = x.map((v) => Math.exp(v - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / sum);
};

async function computed(x: number[], f: (x: CrypTensor) => CrypTensor, parties: number): Promise<number[]> {
  const { results } = await simulate({ parties }, async (party) => {
    const made = f(party.cryptensor([x], { src: 0, shape: [1, x.length] }));
    return [...((await made.revealFloat64())?.data ?? [])].map(Number);
  });
  return results[0];
}

for (const parties of [2, 3])
  describe(`softmax of ${parties} parties`, () => {
    for (const [name, x] of Object.entries(ROWS))
      it(`of ${name}`, async () => {
        const right = softmax(x);
        const top = Math.max(...x);
        const sum = x.reduce((total, v) => total + Math.exp(v - top), 0);
        (await computed(x, (t) => t.softmax(), parties)).forEach((v, i) => {
          expect(v, `element ${i}`).closeTo(right[i], 2 ** -10);
        });
        (await computed(x, (t) => t.logSoftmax(1), parties)).forEach((v, i) => {
          expect(v, `element ${i}`).closeTo(x[i] - top - Math.log(sum), 2 ** -8);
        });
      });
  });

it('softmax of width 10 takes 24 rounds at most', async () => {
  const engine = costEngine(await Ring.load(), 2, defaultConfig);
  const x = new Party(engine).cryptensor(undefined, { src: 0, shape: [1, 10] });
  x.softmax(1).revealFloat64();
  // The last is the round in which it is revealed.
  expect(engine.session.rounds).at.most(25);
});
