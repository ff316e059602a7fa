import { expect } from 'chai';
import { MaskCache } from '../src/definition/mask-cache.js';

const ref = (index: number, n = 8, holders = [0]) => ({ id: { index, scope: '' }, n, holders, views: [] });

describe('the dealer’s expanded masks', () => {
  it('are kept from the second use on, by operation, size and holders', () => {
    const cache = new MaskCache();
    const words = new BigUint64Array(8);
    cache.offer(ref(1), words);
    expect(cache.get(ref(1))).equal(undefined);
    expect(cache.holds(words)).equal(false);
    cache.offer(ref(1), words);
    expect(cache.get(ref(1))).equal(words);
    expect(cache.holds(words)).equal(true);
    for (const other of [ref(2), ref(1, 9), ref(1, 8, [0, 1])]) expect(cache.get(other)).equal(undefined);
  });

  it('go when there are too many, those used longest ago first', () => {
    const cache = new MaskCache(2 * 64);
    for (const index of [1, 2, 3])
      for (let use = 0; use < 2; use++) {
        if (index === 3) cache.get(ref(1)); // used again: number 2 is the oldest
        cache.offer(ref(index), new BigUint64Array(8));
      }
    expect(cache.get(ref(2))).equal(undefined);
    expect(cache.get(ref(1))).not.equal(undefined);
    expect(cache.get(ref(3))).not.equal(undefined);
    for (let use = 0; use < 2; use++) cache.offer(ref(4, 1000), new BigUint64Array(1000));
    expect(cache.get(ref(4, 1000))).equal(undefined); // larger than everything that may be kept
  });
});
