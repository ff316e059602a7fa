/** One rule for all launching functions: the top level runs again in each party, and launches nothing there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fixture, node, program } from './helpers/run.js';

describe('launching functions in one script', function () {
  this.timeout(30_000);

  it('runExported at the top level of its own module is an error that says what to do', async () => {
    const run = await node([program('exported-itself.mjs')]);
    expect(run.code).to.equal(1);
    expect(run.stderr)
      .to.match(/PARTY_FAILED/)
      .and.match(/LAUNCH_NESTED/);
    expect(run.stderr).to.include('must be in a module that launches nothing when it is imported');
    // Two parties and a dealer, once. What the parties print before their function starts is dropped.
    expect(run.stdout.match(/started/g)).to.have.length(3);
  });

  it('what ran before a call is not run again in its parties', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tacit-mixed-'));
    try {
      const [model, input] = [fixture('linear_4_2/model.onnx'), fixture('linear_4_2/input.npy')];
      const run = await node([program('mixed.mjs'), model, input, join(folder, 'output.npy')]);
      expect(run.code, run.stderr).to.equal(0);
      const { started, startedBefore, seen, ...first } = JSON.parse(run.stdout);
      expect(first).to.deep.include({
        six: [0, 6],
        seven: [0, 7],
        failed: ['PARTY_FAILED', 'BANANAS'],
        missing: ['FILE_NOT_FOUND', null],
      });
      expect(startedBefore).to.equal(12);
      expect(started).to.equal(15);
      expect(seen).to.deep.equal([0, 1].map((rank) => ({ rank, ...first, started: 0 })));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
