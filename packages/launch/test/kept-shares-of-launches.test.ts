/** As programs keep and load shares: one launch after another. */
import { expect } from 'chai';
import { node, program, workspace } from './helpers/run.js';

describe('shares that outlive a launch', () => {
  it('go on in the next one; what parties print comes in rank order', async function () {
    this.timeout(30_000);
    const { folder, remove } = workspace();
    try {
      const { stdout, stderr, code } = await node([program('kept.mjs'), folder]);
      expect({ code, stderr }).deep.equal({ code: 0, stderr: '' });
      const lines = stdout.trim().split('\n');
      const { before, after, missing, other } = JSON.parse(lines.at(-1) ?? '');
      expect(before).deep.equal(new Array(3).fill(before[0]));
      expect(before[0][0]).closeTo(0.75 + 4, 2 ** -13);
      for (const y of after.flat()) expect(Math.abs(y - before[1][0])).below(0.001);
      expect(missing.code).equal('FILE_NOT_FOUND');
      expect(other.code).equal('SHARES_MISMATCH');
      expect(other.message).contains('was saved by 3 parties, and 2 load');
      const ranks = [0, 1, 2];
      expect(lines.slice(0, 6)).deep.equal([
        ...ranks.map((rank) => `party ${rank}: saved CrypTensor [2,1] { party: ${rank} }`),
        ...ranks.map((rank) => `party ${rank}: second line`),
      ]);
    } finally {
      remove();
    }
  });
});
