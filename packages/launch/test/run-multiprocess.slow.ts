import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNpy } from '@tacit/files';
import { runOnce } from '@tacit/launch';
import { expect } from 'chai';
import { node, outcome, program, workspace } from './helpers/run.js';

/** The program of the documentation, letter by letter, and a line that prints. */
const SAMPLE = `import { runMultiprocess } from 'tacit';

const ALICE = 0, BOB = 1;

const [seenByAlice] = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
  const x = party.cryptensor([[1, -2], [3, 4]], { src: ALICE });      // only Alice's argument is used
  const w = await party.loadFromParty('weights.npy', { src: BOB });   // only Bob opens the file
  const y = x.matmul(w).relu();                                       // returns at once: a handle
  return y.getPlainText();                                            // Promise<Tensor>; reveal({ to: ALICE }) tells one party
});
console.log(seenByAlice.constructor.name, seenByAlice.dims, Array.from(seenByAlice.data));
`;

describe('runMultiprocess', function () {
  this.timeout(30_000);

  describe('the sample program', () => {
    const space = workspace();
    before(() => {
      writeFileSync(join(space.folder, 'weights.npy'), encodeNpy([2, 2], Float32Array.of(1, 0.5, -1, 2)));
      writeFileSync(join(space.folder, 'sample.mjs'), SAMPLE);
      writeFileSync(join(space.folder, 'sample.ts'), SAMPLE);
      writeFileSync(join(space.folder, 'package.json'), '{"type":"module"}');
    });
    after(() => space.remove());
    const printed = 'Tensor [ 2, 2 ] [ 3, 0, 0, 9.5 ]\n';

    it('runs as JavaScript', async () => {
      const run = await node(['sample.mjs'], { cwd: space.folder });
      expect(run).to.include({ code: 0, stdout: printed, stderr: '' });
    });

    it('runs as TypeScript through tsx', async () => {
      const run = await node(['node_modules/tsx/dist/cli.mjs', 'sample.ts'], { cwd: space.folder });
      expect(run).to.include({ code: 0, stdout: printed, stderr: '' });
    });

    it('runs as TypeScript through tsx as processes', async () => {
      writeFileSync(
        join(space.folder, 'ws.ts'),
        SAMPLE.replace('worldSize: 2 ', "worldSize: 2, transport: 'ws' "),
      );
      const run = await node(['--import', 'tsx', 'ws.ts'], { cwd: space.folder });
      expect(run).to.include({ code: 0, stdout: printed, stderr: '' });
    });
  });

  it('runs once only for a module', async () => {
    const refused = await runOnce('somewhere', () => 1).catch((error) => error);
    expect(refused.code).to.equal('LAUNCH_OPTIONS');
  });

  it('starts, ends, and lets the process end', async () => {
    const { results } = await outcome<{ results: number[] }>('nothing.mjs');
    expect(results).to.deep.equal([0, 10]);
  });

  for (const transport of ['threads', 'ws']) {
    it(`runs two calls of one script, with 2 and 3 parties (${transport})`, async () => {
      const { code, stdout, stderr } = await node([program('two-calls.mjs'), transport]);
      expect(code, stderr).to.equal(0);
      const lines = stdout.trim().split('\n');
      expect(lines[0]).to.equal('top');
      expect(lines.slice(1, 3).sort()).to.deep.equal(['first 0', 'first 1']);
      expect(lines[3]).to.equal('between Tensor [ 2, 2 ] [ 2, -1, 4, 5 ]');
      const values = [4, 6];
      expect(lines[4]).to.equal(`end ${JSON.stringify([0, 1, 2].map((rank) => ({ rank, values })))}`);
      expect(lines).to.have.length(5);
      expect(stderr).to.equal('');
    });

    it(`runs what is to run once before the parties, and gives them what it gave (${transport})`, async () => {
      const space = workspace();
      const log = join(space.folder, 'log');
      const { code, stdout, stderr } = await node([program('once.mjs'), transport, log]);
      expect(code, stderr).to.equal(0);
      expect(readFileSync(log, 'utf8')).to.equal('first\nsecond\n');
      space.remove();
      const { same, second, parties } = JSON.parse(stdout);
      expect(same).to.deep.equal([true, true]);
      expect(second).to.equal('TypeError BANANAS');
      for (const party of parties) {
        expect(party.first.typed).to.deep.equal({ 0: 1, 1: 2 });
        expect(party.second).to.equal(second);
        expect(party.inside).to.equal('LAUNCH_NESTED');
      }
    });

    it(`raises the exception of a party, to the script and when it is replayed (${transport})`, async () => {
      const { here, there } = await outcome<{ here: object; there: object }>('exceptions.mjs', transport);
      expect(here).to.deep.equal({
        isPartyError: true,
        code: 'PARTY_FAILED',
        rank: 1,
        message: 'party 1 failed: [BANANAS] no more bananas',
        cause: { name: 'TypeError', code: 'BANANAS', message: 'no more bananas', stack: true },
      });
      expect(there).to.deep.equal(here);
    });

    it(`stops parties that compute for ever when cancelled (${transport})`, async () => {
      const { code, cause } = await outcome<{ code: string; cause: string }>('cancelled.mjs', transport);
      expect({ code, cause }).to.deep.equal({ code: 'LAUNCH_ABORTED', cause: 'enough' });
    });
  }

  interface Killed {
    code: string;
    rank: number;
    message: string;
    exitCode: number | null;
    signal: string | null;
    running: number[];
  }

  for (const [victim, name] of [
    [0, 'party 0'],
    [2, 'the dealer'],
  ] as const)
    it(`names ${name} when its process is killed, and ends the others`, async () => {
      const killed = await outcome<Killed>('killed.mjs', 'ws', String(victim));
      expect(killed).to.include({ code: 'PARTY_EXITED', rank: victim, exitCode: null, signal: 'SIGKILL' });
      expect(killed.message).to.include(name);
      expect(killed.running).to.deep.equal([]);
    });

  it('names a party whose thread ends itself', async () => {
    const killed = await outcome<Killed>('killed.mjs', 'threads', '1');
    expect(killed).to.include({ code: 'PARTY_EXITED', rank: 1, exitCode: 7 });
  });

  it('says when the module does not come to the call again', async () => {
    const ended = await outcome<{ code: string; message: string }>('never.mjs');
    expect(ended.code).to.equal('PARTY_NOT_REACHED');
    expect(ended.message).to.include('call 1').and.include('ended without the call');
    const waits = await outcome<{ code: string; message: string }>('never.mjs', 'waits');
    expect(waits.code).to.equal('PARTY_NOT_REACHED');
    const throws = await outcome<{ code: string; message: string }>('never.mjs', 'throws');
    expect(throws).to.deep.include({ code: 'PARTY_FAILED' });
    expect(throws.message).to.include('bad top level');
  });

  it('names a party that never answers, and programs that differ', async () => {
    type Seen = { code: string; message: string };
    const { stuck, different } = await outcome<{ stuck: Seen; different: Seen }>('stuck.mjs');
    expect(stuck.code).to.equal('PEER_TIMEOUT');
    expect(stuck.message).to.include('party 1 sent nothing');
    expect(different.code).to.equal('PROGRAM_MISMATCH');
    expect(different.message).to.include('relu');
  });

  it('does the other things that a script may try', async () => {
    const { folder, remove } = workspace();
    try {
      const run = await node([program('several.mjs'), folder]);
      expect(run.code, run.stderr).to.equal(0);
      expect(run.stderr.match(/first-party dealing is for debugging only/g)).to.have.length(1);
      const seen = JSON.parse(run.stdout);
      expect([seen.a, seen.b]).to.deep.equal([
        ['a0', 'a1'],
        ['b0', 'b1'],
      ]);
      expect(seen.encrypted.cause).to.equal('RESULT_NOT_TRANSFERABLE');
      expect(seen.encrypted.message).to.include('the result.list[1] is a CrypTensor');
      expect(seen.nested.cause).to.equal('LAUNCH_NESTED');
      expect(seen.firstParty).to.deep.equal([
        [0, 2],
        [0, 2],
      ]);
      expect(seen.mixed).to.deep.equal({ tensor: ['Tensor', [1], [1.5]], big: String(2n ** 70n), date: 5 });
      expect(seen.saved).to.deep.equal({ shape: [3, 2], data: [0.5, 1, 2, 3, 4, 5] });
      expect(seen.missing.cause).to.equal('FILE_NOT_FOUND');
      expect(seen.unwritable.cause).to.equal('FILE_NOT_WRITABLE');
      expect(seen.left.sort()).to.deep.equal(['node_modules', 'saved.npy']);
    } finally {
      remove();
    }
  });
});
