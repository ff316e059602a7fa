/** No block of the key stream comes twice. */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { keyStream } from '../src/deep-lock/paper.js';

const BLOCKS = 2 ** 24;
const PART = 2 ** 18;

describe('the key stream of the profile paper, at length', function () {
  this.timeout(600_000);

  for (const bits of [128, 256])
    it(`has no repetition in 2^24 blocks under a key of ${bits} bits`, () => {
      const key = randomBytes(bits / 8);
      // Halves of blocks as 64-bit numbers; two blocks that were equal would be neighbours when sorted, and so are the few
      // that share a half (expected: 2^-17 of them), which are then compared in full.
      const halves = new BigUint64Array(BLOCKS);
      for (let first = 0; first < BLOCKS; first += PART) {
        const blocks = keyStream(key, first, PART);
        const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.length);
        for (let i = 0; i < PART; i++) halves[first + i] = view.getBigUint64(16 * i);
      }
      halves.sort();
      let equal = 0;
      for (let i = 1; i < BLOCKS; i++) if (halves[i] === halves[i - 1]) equal++;
      expect(equal).equal(0);
    });
});
