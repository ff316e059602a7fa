/** Views of CrypTensor against double precision, also where what they show was masked before. */
import { expect } from 'chai';
import { type CrypTensor, cat, stack } from '../src/index.js';
import { expectClose, filled, input } from './helpers/close.js';
import { evaluate, runParties } from './helpers/parties.js';
import { at, make, type Nd } from './helpers/plain.js';

describe('views', () => {
  const a = filled([2, 3, 4], 18);
  const pick = (shape: number[], from: (index: number[]) => number[]) => make(shape, (i) => at(a, from(i)));
  const cases: [string, (x: CrypTensor) => CrypTensor, Nd][] = [
    ['reshape', (x) => x.reshape([4, -1]), { shape: [4, 6], data: a.data }],
    ['flatten', (x) => x.flatten(1), { shape: [2, 12], data: a.data }],
    ['transpose', (x) => x.transpose(), pick([4, 3, 2], ([i, j, k]) => [k, j, i])],
    ['permute', (x) => x.transpose([1, 0, 2]), pick([3, 2, 4], ([i, j, k]) => [j, i, k])],
    ['slice', (x) => x.slice([0, 1], [1, 3]), pick([1, 2, 4], ([i, j, k]) => [i, j + 1, k])],
    [
      'slice from the end',
      (x) => x.slice([0, 0, -2], [2, 3, 4]),
      pick([2, 3, 2], ([i, j, k]) => [i, j, k + 2]),
    ],
    [
      'unsqueeze and squeeze',
      (x) => x.unsqueeze(1).squeeze(1).unsqueeze(-1),
      { shape: [2, 3, 4, 1], data: a.data },
    ],
    ['expand', (x) => x.slice([0], [1]).expand([5, 3, 4]), pick([5, 3, 4], ([, j, k]) => [0, j, k])],
    [
      'pad',
      (x) => x.pad([0, 1, 0, 0, 0, 2], 1.5),
      make([2, 4, 6], ([i, j, k]) => (j === 0 || k > 3 ? 1.5 : at(a, [i, j - 1, k]))),
    ],
    ['cat', (x) => cat([x, x], 1), pick([2, 6, 4], ([i, j, k]) => [i, j % 3, k])],
    ['stack', (x) => stack([x, x], 0), pick([2, 2, 3, 4], ([, i, j, k]) => [i, j, k])],
  ];
  for (const [name, f, plain] of cases)
    it(name, async () => {
      expectClose(await evaluate(2, [input(a)], f), plain);
      // A view of what was masked before, and a product of a view: the mask follows.
      const squared = { shape: plain.shape, data: plain.data.map((v) => v * v) };
      if (name !== 'pad') expectClose(await evaluate(2, [input(a)], (x) => f(x).mul(f(x))), squared);
    });

  it('refuses what does not fit, with the shapes', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor(input(a), { src: 0 });
      expect(() => x.reshape([5, 5])).throw(/\[2, 3, 4\]/);
      expect(() => x.transpose([0, 0, 1])).throw();
      expect(() => x.squeeze(0)).throw(/axes \[0\]/);
      expect(() => cat([x, x.transpose()], 0)).throw();
      expect(() => x.pad([1, 2])).throw();
    }));
});
