/** Functions of all magnitudes over all that a session's settings allow: few elements (one step), and many (two). */
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import type { CrypTensor } from '../src/index.js';

/** Relative, or absolute for the logarithm. */
const ERROR = 2 ** -10;

const FUNCTIONS = {
  log: { f: Math.log, relative: false, signed: false },
  sqrt: { f: Math.sqrt, relative: true, signed: false },
  invSqrt: { f: (v: number) => 1 / Math.sqrt(v), relative: true, signed: false },
  reciprocal: { f: (v: number) => 1 / v, relative: true, signed: true },
} as const;

/** Magnitudes of that range, on the grid of `fractionBits`, of both signs if wanted. */
const spread = (count: number, low: number, high: number, fractionBits: number, signed: boolean) =>
  Float64Array.from({ length: count }, (_, i) => {
    const size = 2 ** (low + ((high - low) * i) / (count - 1));
    const onGrid = Math.floor(size * 2 ** fractionBits) / 2 ** fractionBits;
    return signed && i % 2 === 1 ? -onGrid : onGrid;
  });

describe('functions of all magnitudes', () => {
  for (const fractionBits of [8, 12, 16, 20])
    for (const [parties, count] of [
      [2, 20],
      [2, 300],
      [3, 300],
    ])
      it(`${fractionBits} fraction bits, ${count} elements, ${parties} parties`, async () => {
        const config = { fractionBits };
        for (const [name, { f, relative, signed }] of Object.entries(FUNCTIONS)) {
          const reciprocal = name === 'reciprocal';
          const low = reciprocal ? -Math.min(8, fractionBits - 2) : 2 - fractionBits;
          const high = Math.min(46 - fractionBits, reciprocal ? 30 : 46) - 0.001;
          const data = spread(count, low, high, fractionBits, signed);
          const { results } = await simulate({ parties, config }, (party) => {
            const x = party.cryptensor(party.rank === 0 ? data : undefined, { src: 0, shape: [count] });
            return x[name as keyof typeof FUNCTIONS]().getPlainText();
          });
          Array.from(results[0].data, Number).forEach((v, i) => {
            const right = f(data[i]);
            const most = Math.max(ERROR * (relative ? Math.abs(right) : 1), 2 * 2 ** -fractionBits);
            expect(v, `${name}(${data[i]})`).closeTo(right, most);
          });
        }
      });

  it('saturate beyond', async () => {
    const data = Float64Array.of(2 ** 33.9, 2 ** 35, 2 ** 35.9);
    for (const padding of [0, 300]) {
      const x = Float64Array.of(...data, ...new Float64Array(padding).fill(1));
      const { results } = await simulate({ parties: 2, config: { fractionBits: 12 } }, async (party) => {
        const shared: CrypTensor = party.cryptensor(x, { src: 0 });
        return Promise.all([shared.log().getPlainText(), shared.reciprocal().getPlainText()]);
      });
      const [logs, inverses] = results[0].map((y) => Array.from(y.data, Number));
      for (const i of [1, 2]) expect(logs[i]).closeTo(34 * Math.LN2, 0.01);
      expect(inverses.slice(0, 3).every((v) => Math.abs(v) <= 2 ** -12)).equal(true);
    }
  });
});
