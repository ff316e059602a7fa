/** A network that is trained under a key is of use with the key, and of less without. The figures of all kinds: *.long.ts. */
import { expect } from 'chai';
import { keyedDigits } from '../examples/shared/keyed-digits.js';

describe('training with a secret key', function () {
  this.timeout(120_000);
  it('gives a network that knows its key', async () => {
    const { right, wrong } = await keyedDigits('np', { train: 600, epochs: 3, wrongKeys: 5 });
    const mean = wrong.reduce((sum, percent) => sum + percent, 0) / wrong.length;
    // Chance is 10 %; some hundred digits give 80 to 90 %.
    expect(right).above(60);
    expect(mean).below(40);
  });
});
