/** A batch whose workers, on both sides, are killed at random. */
import { randomInteger } from '@tacit/testing';
import { expect } from 'chai';
import { world } from '../../../daemon/test/helpers/organisations.js';
import { expectFreshSeeds, openBatch, startFleet, submitDetached } from './fleet.js';
import { expectScores, writeRows } from './scoring.js';
import { absent, type Kind, makeServer } from './servers.js';

export interface KillPlan {
  readonly kind: Kind;
  readonly rows: number;
  readonly rowsPerShard: number;
  readonly kills: number;
  /** Whether the dealer is killed, too. */
  readonly dealerToo?: boolean;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Defines the test; without its server it is skipped, and says why. */
export function survivesKills(plan: KillPlan): void {
  const { kind, rows, rowsPerShard, kills, dealerToo = false } = plan;
  it(`of ${rows} rows on ${kind} scores each once, though workers are killed ${kills} times`, async function () {
    const reason = absent(kind);
    if (reason !== undefined) {
      process.stdout.write(`skipped: ${reason}\n`);
      return this.skip();
    }
    const here = world();
    const server = await makeServer(kind);
    try {
      await server.start();
      const fleet = await startFleet(here, server.address);
      const file = writeRows(here, rows);
      const calm = kills > 0 ? await timed(() => run(0)) : undefined;
      const wild = await timed(() => run(kills));
      const begun = await expectFreshSeeds(here);
      const shards = Math.ceil(rows / rowsPerShard);
      process.stdout.write(
        `${kind}: ${rows} rows in ${shards} shards; undisturbed ${calm?.toFixed(1)} s, with ${kills} kills ${wild.toFixed(1)} s ` +
          `(throughput x ${((calm ?? wild) / wild).toFixed(2)}); sessions begun, for ${2 * shards} shards: ${JSON.stringify(begun)}\n`,
      );

      async function run(times: number): Promise<void> {
        const id = await submitDetached(here, file.path, rowsPerShard, server.address);
        const batch = openBatch(here, id);
        const done = (): boolean => batch.committed().size === batch.manifest.shards;
        const victims = [...fleet.workers, fleet.bob, ...(dealerToo ? [fleet.carol] : [])];
        let killed = 0;
        // Spread over the batch: the next kill when so many shards are committed, or after a while.
        for (let since = performance.now(); !done(); await sleep(20)) {
          expect(
            batch.failures(),
            fleet.workers.map((one) => one.running().stderr()).join('\n'),
          ).to.deep.equal([]);
          const due = (batch.committed().size / batch.manifest.shards) * (times + 1) > killed + 1;
          if (killed >= times || !(due || performance.now() - since > 4000)) continue;
          await sleep(randomInteger(300));
          await victims[randomInteger(victims.length)]?.kill();
          killed++;
          since = performance.now();
        }
        expect(killed).to.equal(times);
        expectScores(await batch.results(), file.rows);
      }
    } finally {
      await here.close();
      await server.close();
    }
  });
}

async function timed(act: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await act();
  return (performance.now() - began) / 1000;
}
