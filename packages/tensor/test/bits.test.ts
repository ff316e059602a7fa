/** Bits and what is made of them have no fraction bits, or few: numbers must keep theirs beside them. */
import { expect } from 'chai';
import type { CrypTensor } from '../src/index.js';
import { evaluate } from './helpers/parties.js';

const bits = (a: CrypTensor): CrypTensor => a.gt(0).mul(a.lt(2)); // 0 < a < 2
const operations: Record<string, { f: (a: CrypTensor) => CrypTensor; wanted: number[] }> = {
  'a product of bits': { f: bits, wanted: [1, 0, 0] },
  'a fraction added': { f: (a) => bits(a).add(0.3), wanted: [1.3, 0.3, 0.3] },
  'a fraction subtracted': { f: (a) => bits(a).sub(0.3), wanted: [0.7, -0.3, -0.3] },
  'half of a bit and a fraction': { f: (a) => a.gt(0).div(2).add(0.3), wanted: [0.8, 0.8, 0.3] },
  'compared with fractions': { f: (a) => bits(a).ge(0.2), wanted: [1, 0, 0] },
  'less than a fraction': { f: (a) => bits(a).lt(0.7), wanted: [0, 1, 1] },
  'equal to a number': { f: (a) => bits(a).eq(1), wanted: [1, 0, 0] },
  'a choice of numbers': { f: (a) => bits(a).where(0.3, 0.8), wanted: [0.3, 0.8, 0.8] },
  'a choice of secrets': { f: (a) => bits(a).where(a, a.neg()), wanted: [1.5, -2.25, 3.75] },
  'padded with a fraction': { f: (a) => bits(a).pad([0, 1], 0.3), wanted: [1, 0, 0, 0.3] },
  'padded bits': { f: (a) => a.gt(0).pad([1, 0], 0.5), wanted: [0.5, 1, 1, 0] },
  'bits times a tensor': { f: (a) => bits(a).mul(a), wanted: [1.5, 0, 0] },
  'bits times bits times bits': { f: (a) => bits(a).mul(bits(a)).mul(bits(a)).mul(a), wanted: [1.5, 0, 0] },
  'a square of bits': { f: (a) => bits(a).square().sub(0.25), wanted: [0.75, -0.25, -0.25] },
};

for (const parties of [2, 3, 4])
  describe(`bits, ${parties} parties`, () => {
    for (const [name, { f, wanted }] of Object.entries(operations))
      it(name, async () => {
        const a = { dims: [3], data: Float64Array.of(1.5, 2.25, -3.75) };
        const y = await evaluate(parties, [a], f);
        expect(y.data.length).equal(wanted.length);
        wanted.forEach((v, i) => {
          expect(y.data[i], `element ${i}`).closeTo(v, 2 ** -14);
        });
      });
  });
