/** Batches without a queue: organisations in this process, with homes, certificates and sockets of their own. */
import { join } from 'node:path';
import { InProcessSource, ShardRunner, work } from '@tacit/batch';
import { readAudit } from '@tacit/daemon';
import { expect } from 'chai';
import { never, type World, world } from '../../daemon/test/helpers/organisations.js';
import { expectScores, pairThree, submit, writeRows } from './helpers/scoring.js';

describe('a batch in one process', function () {
  this.timeout(60_000);
  let here: World;
  beforeEach(() => {
    here = world();
  });
  afterEach(() => here.close());

  it('scores every row with the model of another organisation', async () => {
    await pairThree(here, {}, (name, role) => here.start(name, role));
    const { path, rows } = writeRows(here, 22);
    const batch = await submit(here, path, 10);
    const { manifest } = batch;
    expect(manifest).to.include({ rows: 22, shards: 3, rowsPerShard: 10 });
    const runner = new ShardRunner({
      organisation: await here.open('alice'),
      batches: join(here.home('alice'), 'batches'),
      attempts: 3,
      say: (text) => void here.lines.push(text),
    });
    const source = new InProcessSource([0, 1, 2].map((shard) => ({ batch: manifest.id, shard })));
    const summary = await work({
      source,
      run: (task, signal) => runner.run(task, signal),
      onFailed: (_, error) => {
        throw error;
      },
      sessions: 2,
      signal: never,
      say: (text) => void here.lines.push(text),
    });
    expect(here.lines.join('\n')).to.equal('');
    expect(summary).to.deep.equal({ committed: 3, failed: 0 });
    expectScores(await batch.results(), rows);
    // Nothing is done twice.
    expect(await runner.run({ batch: manifest.id, shard: 1 }, never)).to.deep.equal({
      kind: 'committed',
      fresh: false,
    });
    for await (const { entry } of readAudit(join(here.home('bob'), 'audit.log')))
      if (entry?.event === 'session-end') expect(entry.shard).to.include({ batch: manifest.id, attempt: 1 });
  });
});
