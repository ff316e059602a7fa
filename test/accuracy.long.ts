import { expectAccurate } from './helpers/accuracy.js';

describe('accuracy', () => {
  it('of 10^8 products and 10^7 comparisons of all magnitudes up to 2^61, none is wrong', async () => {
    const began = performance.now();
    const found = await expectAccurate({ products: 1e8, comparisons: 1e7, batch: 1 << 20 });
    console.table(found);
    console.log(`${Math.round((performance.now() - began) / 1000)} s`);
  });
});
