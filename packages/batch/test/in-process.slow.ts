/** Batches without a queue: organisations in this process, with homes, certificates and sockets of their own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BatchFolder,
  InProcessSource,
  ShardRunner,
  type ShardTask,
  type WorkOptions,
  work,
} from '@tacit/batch';
import { readAudit } from '@tacit/daemon';
import type { Daemon } from '@tacit/daemon/processes';
import { openPeers } from '@tacit/identity';
import { expect } from 'chai';
import { never, type World, world } from '../../daemon/test/helpers/organisations.js';
import { expectScores, pairThree, submit, writeRows } from './helpers/scoring.js';

describe('a batch in one process', function () {
  this.timeout(60_000);
  let here: World;
  const daemons = new Map<string, Daemon>();
  beforeEach(() => {
    here = world();
  });
  afterEach(() => here.close());

  const start = async (name: string, role: 'party' | 'dealer'): Promise<void> => {
    daemons.set(name, await here.start(name, role));
  };

  async function compute(
    batch: BatchFolder,
    shards: readonly number[],
    options: Partial<WorkOptions<ShardTask>> = {},
  ) {
    const runner = new ShardRunner({
      organisation: await here.open('alice'),
      batches: join(here.home('alice'), 'batches'),
      attempts: 3,
      say: (text) => void here.lines.push(text),
    });
    const { id } = batch.manifest;
    return work({
      source: new InProcessSource(shards.map((shard) => ({ batch: id, shard }))),
      run: (task, signal) => runner.run(task, signal),
      onFailed: ({ shard }, error) => batch.fail({ shard, code: codeOf(error), message: error.message }),
      sessions: 2,
      signal: never,
      say: (text) => void here.lines.push(text),
      ...options,
    });
  }

  it('scores every row with the model of another organisation', async () => {
    await pairThree(here, {}, start);
    const { path, rows } = writeRows(here, 22);
    const batch = await submit(here, path, 10);
    const { id } = batch.manifest;
    expect(batch.manifest).to.include({ rows: 22, shards: 3, rowsPerShard: 10 });
    const summary = await compute(batch, [0, 1, 2]);
    // On a busy machine it says for whom it waits.
    expect(here.lines.filter((line) => !/: waiting for |is there$/.test(line))).to.deep.equal([]);
    expect(summary).to.deep.equal({ committed: 3, failed: 0 });
    expectScores(await batch.results(), rows);
    // Nothing is done twice.
    expect(await compute(batch, [0, 1, 2])).to.deep.equal({ committed: 3, failed: 0 });
    const shards: number[] = [];
    for await (const { entry } of readAudit(join(here.home('bob'), 'audit.log')))
      if (entry?.event === 'session-start') {
        expect(entry.shard).to.include({ batch: id, attempt: 1 });
        shards.push((entry.shard as { shard: number }).shard);
      }
    expect(shards.sort()).to.deep.equal([0, 1, 2]);
  });

  it('waits for a member that is down, and goes on', async () => {
    await pairThree(here, {}, start);
    const { path, rows } = writeRows(here, 10);
    const batch = await submit(here, path, 10);
    await daemons.get('bob')?.close();
    const computing = compute(batch, [0]);
    while (!here.lines.some((line) => line.includes('waiting for bob')))
      await new Promise((resolve) => setTimeout(resolve, 20));
    await start('bob', 'party');
    expect(await computing).to.deep.equal({ committed: 1, failed: 0 });
    expectScores(await batch.results(), rows);
    expect(batch.attempts(0)).to.equal(1);
  });

  it('fails a shard that no attempt can change, and halts where this side is wrong', async () => {
    await pairThree(here, {}, start);
    const batch = await submit(here, writeRows(here, 3).path, 2);
    openPeers(here.home('bob')).update('alice', (peer) => ({ ...peer, programs: [] }));
    expect(await compute(batch, [0])).to.deep.equal({ committed: 0, failed: 1 });
    expect(batch.failures()).to.have.length(1);
    expect(batch.failures()[0]).to.include({ shard: 0, code: 'SESSION_REFUSED' });
    writeFileSync(join(here.home('alice'), 'peers.yaml'), 'this is none', { mode: 0o600 });
    const error = await compute(batch, [1]).catch((thrown: Error) => thrown);
    expect(error).to.include({ code: 'PEERS_FILE' });
    expect(batch.failures()).to.have.length(1);
    expect(batch.attempts(1)).to.equal(0);
  });
});

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');
