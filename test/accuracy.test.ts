import { expectAccurate } from './helpers/accuracy.js';

describe('accuracy', () => {
  it('of 10^6 products and 10^5 comparisons of all magnitudes up to 2^61, none is wrong', async () => {
    await expectAccurate({ products: 1e6, comparisons: 1e5, batch: 1 << 18 });
  });
});
