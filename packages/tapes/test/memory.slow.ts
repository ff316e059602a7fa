/** The dealer's memory does not grow with the tape. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@tacit/testing/processes';
import { expect } from 'chai';

const DEALER = fileURLToPath(new URL('./programs/dealer.mjs', import.meta.url));
/** The window, buffers of the disk, and what the garbage collector leaves for later. */
const SLACK = 48 * 2 ** 20;

describe('a dealer of tapes', function () {
  this.timeout(300_000);

  it('takes as much memory for hundreds of megabytes as for tens', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tacit-tapes-'));
    const deal = async (count: number): Promise<{ bytes: number; peakBytes: number }> => {
      const { code, stdout, stderr } = await run(process.execPath, [DEALER, folder, String(count)], {
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      expect(code, stderr).equal(0);
      return JSON.parse(stdout);
    };
    try {
      const short = await deal(4);
      const long = await deal(60);
      expect(long.bytes).equal(15 * short.bytes);
      expect(long.bytes).to.be.greaterThan(300e6);
      expect(long.peakBytes - short.peakBytes).to.be.lessThan(SLACK);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
