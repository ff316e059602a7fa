/** Shards between organisations: daemons in this process, with homes, certificates and sockets of their own. */
import { join } from 'node:path';
import { readAudit } from '@tacit/daemon';
import type { ShardClaim } from '@tacit/daemon/processes';
import { openPeers } from '@tacit/identity';
import { randomBytes } from '@tacit/testing';
import { expect } from 'chai';
import { freePort, listening, threeOrganisations, type World, world } from './helpers/organisations.js';

type Failed = Error & { code?: string; remoteCode?: string; attempt?: number };
const failure = (promise: Promise<unknown>): Promise<Failed> =>
  promise.then(
    (value) => expect.fail(`should have failed: ${JSON.stringify(value)}`),
    (error) => error,
  );
const claimOf = (changes: Partial<ShardClaim> = {}): ShardClaim => ({
  batch: Buffer.from(randomBytes(16)).toString('hex'),
  shard: 0,
  of: 2,
  rows: 5,
  attempt: 1,
  ...changes,
});

describe('sessions of shards', function () {
  this.timeout(60_000);
  let here: World;
  beforeEach(() => {
    here = world();
  });
  afterEach(() => here.close());

  const config = async (more: string): Promise<string> => listening(await freePort(), more);

  it('begin each attempt once, also after a restart; other requests for the shard are conflicts', async () => {
    const bobs = await config('limits: { attemptsPerShard: 2 }\n');
    const { bob } = await threeOrganisations(here, { bob: bobs });
    const shard = claimOf();
    const run = (changes: Partial<ShardClaim> = {}, more = {}) =>
      here.run('alice', { shard: { ...shard, ...changes }, ...more });
    const refused = async (code: string, attempt: number, changes: Partial<ShardClaim>, more = {}) =>
      expect(await failure(run(changes, more))).to.include({ remoteCode: code, attempt });
    expect(await run()).to.deep.include({ mean: 15 });
    await refused('FENCED', 1, {});
    await bob.lifecycle.drain();
    await bob.close();
    await here.start('bob', 'party');
    await refused('FENCED', 1, {});
    await refused('SHARD_CONFLICT', 1, { attempt: 2, rows: 6 });
    await refused('SHARD_CONFLICT', 1, { attempt: 2 }, { config: { fractionBits: 15 } });
    expect(await run({ attempt: 4 })).to.deep.include({ mean: 15 });
    await refused('FENCED', 4, { attempt: 3 });
    // Bob's owner allows two; the dealer has not said otherwise than three.
    await refused('ATTEMPTS_USED_UP', 4, { attempt: 5 });
    expect(await run({ shard: 1 })).to.deep.include({ mean: 15 });
    expect(await failure(run({ shard: 2 }))).to.include({ remoteCode: 'BAD_PROPOSAL' });
    const starts: unknown[] = [];
    for await (const { entry } of readAudit(join(here.home('bob'), 'audit.log')))
      if (entry?.event === 'session-start') starts.push(entry.shard);
    const { batch } = shard;
    expect(starts).to.deep.equal([
      { batch, shard: 0, attempt: 1 },
      { batch, shard: 0, attempt: 4 },
      { batch, shard: 1, attempt: 1 },
    ]);
  });

  it('end an earlier attempt when a later one is accepted, which takes its place', async () => {
    const limits = 'limits: { sessionsAtOnce: 1 }\n';
    await threeOrganisations(here, { bob: await config(limits), carol: await config(limits) });
    const shard = claimOf();
    const end = new AbortController();
    const enough = Object.assign(new Error('enough'), { code: 'ENOUGH' });
    let second: Promise<unknown> | undefined;
    const error = await failure(
      here.run('alice', {
        shard,
        arguments: ['endless'],
        onNotice: () => {
          second ??= here.run('alice', {
            shard: { ...shard, attempt: 2 },
            arguments: ['endless'],
            signal: end.signal,
          });
          second.catch(() => {});
        },
      }),
    );
    expect(error.code).to.equal('PEER_ABORTED');
    expect(error.message).to.include('SESSION_FENCED');
    end.abort(enough);
    expect(await failure(second as Promise<unknown>)).to.include({ code: 'ENOUGH' });
  });

  it('are told when there is no place, hold none then, and are not counted', async () => {
    await threeOrganisations(here, { carol: await config('limits: { sessionsAtOnce: 1 }\n') });
    openPeers(here.home('bob')).update('alice', (peer) => ({
      ...peer,
      programs: [{ name: 'mean', arguments: 'any', quota: { sessionsPerDay: 2 } }],
    }));
    const stop = new AbortController();
    const shard = claimOf();
    await new Promise<void>((resolve, reject) => {
      here
        .run('alice', {
          shard: claimOf(),
          arguments: ['endless'],
          signal: stop.signal,
          onNotice: () => resolve(),
        })
        .catch(reject);
    });
    // Bob, if he is asked before Carol, has a place each time, and has it back.
    for (let i = 0; i < 6; i++)
      expect(await failure(here.run('alice', { shard }))).to.include({ remoteCode: 'BUSY' });
    stop.abort(Object.assign(new Error('enough'), { code: 'ENOUGH' }));
    for (;;) {
      const result = await here.run('alice', { shard }).catch((error: Failed) => error);
      if (!(result instanceof Error)) break;
      expect(result).to.include({ remoteCode: 'BUSY' });
    }
  });
});
