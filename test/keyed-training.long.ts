/** What a key is worth: with it nearly as good as without transforms, with others at most 40 % right. */
import { expect } from 'chai';
import { keyedDigits, plainDigits } from '../examples/shared/keyed-digits.js';

const RUN = { train: 9000, epochs: 4, wrongKeys: 100 };

describe('training with a secret key, on 9,000 digits in blocks of 4', function () {
  this.timeout(3_600_000);
  let plain = 0;
  before(async () => {
    plain = await plainDigits(RUN);
    console.log(`      without a transform ${plain.toFixed(1)} %`);
  });

  for (const kind of ['shf', 'np', 'ffx'] as const)
    it(`${kind}: right with the key, of no use with another`, async () => {
      const { right, none, wrong } = await keyedDigits(kind, RUN);
      const mean = wrong.reduce((sum, percent) => sum + percent, 0) / wrong.length;
      const figures = [right, none, mean, Math.max(...wrong)].map((percent) => percent.toFixed(1));
      console.log(
        `      key ${figures[0]} %, none ${figures[1]} %, wrong keys ${figures[2]} %, most ${figures[3]} %`,
      );
      expect(right).above(plain - 2);
      for (const percent of wrong) expect(percent).at.most(40);
    });
});
