import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

describe('native memory', () => {
  it('does not grow over 1,000 rounds of encryption, evaluation and decryption, nor over 20 contexts', () => {
    const program = fileURLToPath(new URL('memory-program.ts', import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', program], {
      encoding: 'utf8',
    });
    expect(status, stderr).to.equal(0);
    const { before, afterRounds, afterKeys, live } = JSON.parse(stdout);
    expect(before).to.be.greaterThan(1e6);
    expect([afterRounds, afterKeys]).to.deep.equal([before, before]);
    expect(live).to.equal(4);
  });
});
