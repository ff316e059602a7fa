/** What is away for a while: a follower, the queue, what the queue held. On the servers of Debian's packages. */
import { expect } from 'chai';
import { freePort, type World, world } from '../../daemon/test/helpers/organisations.js';
import {
  expectFreshSeeds,
  type Fleet,
  openBatch,
  startFleet,
  submitDetached,
  tacit,
} from './helpers/fleet.js';
import { expectScores, writeRows } from './helpers/scoring.js';
import { absent, type Kind, makeServer, type Server } from './helpers/servers.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** In the suite of CI; a minute where TACIT_DOWN_S=60 says so. */
const DOWN_MS = Number(process.env.TACIT_DOWN_S ?? 10) * 1000;

for (const kind of ['redis', 'postgres'] as const satisfies Kind[])
  describe(`a batch on ${kind}`, function () {
    this.timeout(600_000);
    let here: World;
    let server: Server;
    let fleet: Fleet;

    before(function () {
      const reason = absent(kind);
      if (reason === undefined) return;
      process.stdout.write(`skipped: ${reason}\n`);
      this.skip();
    });
    beforeEach(async () => {
      here = world();
      server = await makeServer(kind);
      await server.start();
      fleet = await startFleet(here, server.address);
    });
    afterEach(async () => {
      await here.close();
      await server.close();
    });

    const said = (): string => fleet.workers.map((worker) => worker.running().stderr()).join('\n');
    async function until(what: () => boolean): Promise<void> {
      while (!what()) await sleep(50);
    }

    it('waits for a follower that is down, and loses nothing', async () => {
      const file = writeRows(here, 60);
      const id = await submitDetached(here, file.path, 10, server.address);
      const batch = openBatch(here, id);
      await until(() => batch.committed().size >= 1);
      await fleet.bob.stop();
      await until(() => said().includes('waiting for bob'));
      await sleep(DOWN_MS);
      const before = batch.committed().size;
      expect(before).to.be.lessThan(6);
      await fleet.bob.start();
      await until(() => batch.committed().size === 6);
      expect(batch.failures()).to.deep.equal([]);
      expectScores(await batch.results(), file.rows);
      await expectFreshSeeds(here);
      // Those that were under way when he went were attempts; those that waited for him were none.
      for (let shard = 0; shard < 6; shard++) expect(batch.attempts(shard)).to.be.at.most(2);
    });

    it('is told who does not answer when the queue is away, and goes on when it is back', async () => {
      const file = writeRows(here, 60);
      const id = await submitDetached(here, file.path, 10, server.address);
      const batch = openBatch(here, id);
      await until(() => batch.committed().size >= 1);
      await server.kill();
      await until(() => said().includes('does not answer since'));
      expect(said()).to.match(
        /this organisation's queue at (redis|postgres):\/\/[^ ]+ does not answer since \d\d:\d\d:\d\d \(\w+\); shards that run go on and are committed\. Start it again; if its entries are lost, 'tacit batch resume ID'/,
      );
      const refused = here.spawn('batch', 'status', id, '--home', 'alice', '--queue', server.address);
      expect(await refused.exit).to.equal(75);
      expect(refused.stderr()).to.match(
        /\[QUEUE_UNREACHABLE\]: this organisation's queue at \S+ does not answer \(ECONNREFUSED\)/,
      );
      // Without the queue, what is committed is known all the same.
      expect(await tacit(here, 'batch', 'status', id, '--home', 'alice')).to.match(/\d of 6 shards/);
      await server.start();
      await until(() => batch.committed().size === 6);
      expect(said()).to.include('answers again');
      expectScores(await batch.results(), file.rows);
      await expectFreshSeeds(here);
    });

    it('is resumed where the queue has lost its entries', async () => {
      const file = writeRows(here, 60);
      const id = await submitDetached(here, file.path, 10, server.address);
      const batch = openBatch(here, id);
      await until(() => batch.committed().size >= 1);
      await Promise.all(fleet.workers.map((worker) => worker.stop()));
      await server.close();
      server = await makeServer(kind);
      await server.start();
      const out = 'scores.npy';
      const resumed = here.spawn(
        'batch',
        'resume',
        id,
        '--home',
        'alice',
        '--queue',
        server.address,
        '--out',
        out,
      );
      await resumed.says('are open');
      const metrics = `127.0.0.1:${await freePort()}`;
      const work = ['batch', 'work', '--home', 'alice', '--queue', server.address, '--sessions', '2'];
      const worker = here.spawn(...work, '--metrics', metrics);
      await worker.says('worker alice');
      const told = await (await fetch(`http://${metrics}/metrics`)).text();
      expect(told).to.match(/^tacit_batch_queue_shards\{state="(waiting|active)"\} [1-9]/m);
      expect(told).to.include('tacit_batch_sessions_most 2\n');
      expect(await resumed.exit, resumed.stderr()).to.equal(0);
      expect(resumed.stdout()).to.equal(`done  ${id}  60 rows  6 shards  ${out}\n`);
      worker.child.kill('SIGTERM');
      expect(await worker.exit).to.equal(0);
      expectScores(await batch.results(), file.rows);
      await expectFreshSeeds(here);
    });
  });
