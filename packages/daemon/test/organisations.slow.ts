/** Organisations that pair and compute: daemons in this process, with homes, certificates and sockets of their own. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAudit } from '@tacit/daemon';
import { openPeers } from '@tacit/identity';
import { costEngine, defaultConfig } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { createTapeKey, dealTapes, readTapeKey } from '@tacit/tapes';
import { Party } from '@tacit/tensor';
import { expect } from 'chai';
import type { ConfiguredTapes } from '../src/config/schema.js';
import {
  freePort,
  listening,
  MEAN_RULE,
  relayed,
  threeOrganisations,
  type World,
  world,
} from './helpers/organisations.js';

type Failed = Error & { code?: string; remoteCode?: string; peers?: readonly string[] };
const failure = (promise: Promise<unknown>): Promise<Failed> =>
  promise.then(
    (value) => expect.fail(`should have failed: ${JSON.stringify(value)}`),
    (error) => error,
  );

/** The events of an organisation's audit log. */
async function audited(here: World, name: string): Promise<Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  for await (const { entry } of readAudit(join(here.home(name), 'audit.log'))) if (entry) events.push(entry);
  return events;
}

/** The same, once so many sessions have ended there: a member may write its last line after the leader has its result. */
async function auditedAfter(here: World, name: string, sessions: number): Promise<Record<string, unknown>[]> {
  for (;;) {
    const events = await audited(here, name);
    if (events.filter((one) => one.event === 'session-end').length >= sessions) return events;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Keys of members and of their dealer, and what has to be dealt for the program of these tests. */
async function tapesOf(here: World, names: readonly string[]) {
  const members = [];
  for (const name of names)
    members.push({ name, key: await createTapeKey(join(here.folder, `${name}.tapekey`)) });
  await createTapeKey(join(here.folder, 'dealer.tapekey'));
  const keys = await readTapeKey(join(here.folder, 'dealer.tapekey'));
  const engine = costEngine(await Ring.load(), 2, defaultConfig);
  const party = new Party(engine);
  const [a, b] = [0, 1].map((src) => party.cryptensor(undefined, { src, shape: [1] }));
  const sum = a.add(b);
  void sum.relu().revealFloat64();
  void sum.div(2).revealFloat64();
  return { members, keys, plan: { parties: 2, config: defaultConfig, operations: engine.session.dealt } };
}

describe('organisations', function () {
  this.timeout(60_000);
  let here: World;
  beforeEach(() => {
    here = world();
  });
  afterEach(() => here.close());

  it('pair by invites and compute, several sessions at once; everything is written down', async () => {
    await threeOrganisations(here);
    expect(openPeers(here.home('bob')).get('carol')).to.include({ role: 'dealer' });
    const results = await Promise.all([here.run('alice', { arguments: ['x'] }), here.run('alice')]);
    expect(results[0]).to.deep.include({
      mean: 15,
      rank: 0,
      args: ['x'],
      name: 'alice',
      peers: ['alice', 'bob'],
    });
    expect(results[1]).to.deep.include({ mean: 15, args: [] });
    for (const [name, role] of Object.entries({ bob: 'party', carol: 'dealer' })) {
      const events = await auditedAfter(here, name, 2);
      const of = (event: string) => events.filter((one) => one.event === event);
      expect(of('proposal').map((one) => one.role)).to.deep.equal([role, role]);
      expect(of('decision').map((one) => one.allowed)).to.deep.equal([true, true]);
      expect(of('session-end').map((one) => one.outcome)).to.deep.equal(['completed', 'completed']);
      expect(of('session-end').every((one) => Number(one.bytesReceived) > 0)).to.equal(true);
    }
    await auditedAfter(here, 'alice', 2);
  });

  it('reach each other through a relay, all of them dialing out only, also while it is started again', async () => {
    const port = await freePort();
    const first = await here.startRelay(port);
    await threeOrganisations(here, { bob: relayed(port), carol: relayed(port) });
    expect(openPeers(here.home('alice')).get('bob')?.address).to.match(
      /^ws:\/\/127\.0\.0\.1:\d+\/to\/[0-9a-f]{64}$/,
    );
    let restarted: Promise<unknown> | undefined;
    const restart = async (): Promise<void> => {
      await first.close();
      await here.startRelay(port);
    };
    const result = await here.run('alice', {
      arguments: ['many'],
      onOutput: () => {},
      onNotice: () => {
        restarted ??= restart();
      },
    });
    expect(result).to.deep.include({ mean: 15 });
    await restarted;
    expect(restarted).to.not.equal(undefined);
  });

  it('compute without a dealer, on tapes that it made ahead', async () => {
    const { members, keys, plan } = await tapesOf(here, ['alice', 'bob']);
    const ring = await Ring.load();
    const out = join(here.folder, 'tapes');
    const dealt = await dealTapes({ ring, plan, members, keys, count: 2, out });
    const configured = (name: string): ConfiguredTapes => ({
      folder: join(out, name),
      key: join(here.folder, `${name}.tapekey`),
      dealer: keys.publicText,
    });
    const port = await freePort();
    const program = { name: 'mean', file: 'mean.mjs', tapes: configured('bob') };
    await here.organisation('alice');
    await here.organisation(
      'bob',
      listening(port).replace(/programs: .*/, `programs: [${JSON.stringify(program)}]`),
    );
    const bob = await here.start('bob', 'party');
    await here.pair('bob', 'alice', { address: bob.address, programs: [MEAN_RULE] });
    const alone = { dealer: undefined, tapes: configured('alice') };
    for (const { id } of dealt) {
      expect(await here.run('alice', alone)).to.deep.include({ mean: 15, peers: ['alice', 'bob'] });
      for (const name of ['alice', 'bob']) expect(readdirSync(join(out, name, 'ledger'))).to.include(id);
    }
    expect(await failure(here.run('alice', alone))).to.include({ code: 'NO_TAPE' });
    expect(await failure(here.run('alice', { dealer: undefined }))).to.include({ code: 'DAEMON_USAGE' });
    const ends = (await auditedAfter(here, 'bob', 3)).filter((one) => one.event === 'session-end');
    expect(ends.map(({ outcome }) => outcome)).to.deep.equal(['completed', 'completed', 'failed']);
    expect(ends.map(({ tape }) => tape)).to.deep.equal([...dealt.map(({ id }) => id), undefined]);
  });

  it('refuse to go without a dealer where they have no tapes', async () => {
    await threeOrganisations(here);
    const { keys } = await tapesOf(here, []);
    const tapes = { folder: here.folder, key: join(here.folder, 'dealer.tapekey'), dealer: keys.publicText };
    const refused = await failure(here.run('alice', { dealer: undefined, tapes }));
    expect(refused).to.include({ code: 'SESSION_REFUSED', remoteCode: 'NO_TAPE' });
  });

  it('wait for each other in any order, and say for whom', async () => {
    const { bob } = await threeOrganisations(here);
    await bob.close();
    const running = here.run('alice');
    while (!here.lines.some((line) => line.startsWith('waiting for bob')))
      await new Promise((resolve) => setTimeout(resolve, 20));
    await here.start('bob', 'party');
    expect(await running).to.deep.include({ mean: 15 });
    expect(here.lines.find((line) => line.startsWith('waiting for bob'))).to.match(
      /^waiting for bob( \(.*\))? since \d\d:\d\d:\d\d$/,
    );
    expect(here.lines).to.include('bob is there');
  });

  it('name those who do not come', async () => {
    const { bob, carol } = await threeOrganisations(here, { alice: 'session: { wait: 300ms }\n' });
    await bob.close();
    const error = await failure(here.run('alice'));
    expect(error).to.include({ code: 'MEMBER_ABSENT' });
    expect(error.peers).to.deep.equal(['bob']);
    expect(error.message).to.include('ECONNREFUSED');
    await carol.close();
  });

  it('refuse what their owners have not allowed, and say why', async () => {
    await threeOrganisations(here);
    const refused = async (code: string, options: Parameters<World['run']>[1] = {}): Promise<Failed> => {
      const error = await failure(here.run('alice', options));
      expect(error).to.include({ code: 'SESSION_REFUSED', remoteCode: code });
      expect(error.message).to.not.include(here.folder);
      return error;
    };
    expect((await refused('NOT_ALLOWED', { program: 'other' })).message).to.match(/^(bob|carol) refuses/);
    // Alice's copy differs from Bob's.
    const file = join(here.home('alice'), 'mean.mjs');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text}\n// changed\n`);
    expect((await refused('HASH_DIFFERS')).message).to.match(/^bob refuses/);
    writeFileSync(file, text);
    // A quota that is used up.
    const peers = openPeers(here.home('bob'));
    peers.update('alice', (peer) => ({
      ...peer,
      programs: [{ name: 'mean', arguments: 'none', quota: { sessionsPerDay: 1 } }],
    }));
    await refused('ARGUMENTS_NOT_ALLOWED', { arguments: ['x'] });
    expect(await here.run('alice')).to.deep.include({ mean: 15 });
    await refused('SESSIONS_PER_DAY');
    // A dealer that Bob does not know as one.
    peers.update('alice', (peer) => ({ ...peer, programs: [{ name: 'mean' }] }));
    peers.update('carol', (peer) => ({ ...peer, role: 'party' }));
    expect((await refused('UNKNOWN_MEMBER')).message).to.include('is no dealer that this organisation knows');
    // A stranger.
    peers.remove('alice');
    await refused('UNKNOWN_PEER');
    const refusals = (await audited(here, 'bob')).filter((one) => one.allowed === false);
    expect(refusals.map((one) => one.code)).to.include.members([
      'NOT_ALLOWED',
      'HASH_DIFFERS',
      'ARGUMENTS_NOT_ALLOWED',
      'SESSIONS_PER_DAY',
      'UNKNOWN_MEMBER',
    ]);
  });

  it('end when the leader gives up, and learn who it was', async () => {
    await threeOrganisations(here);
    const controller = new AbortController();
    const error = await failure(
      here.run('alice', {
        arguments: ['endless'],
        signal: controller.signal,
        onNotice: () =>
          controller.abort(Object.assign(new Error('cancelled by alice'), { code: 'SESSION_CANCELLED' })),
      }),
    );
    expect(error).to.include({ code: 'SESSION_CANCELLED' });
    for (const name of ['bob', 'carol']) {
      const end = (await auditedAfter(here, name, 1)).find((one) => one.event === 'session-end');
      expect(end?.code).to.be.oneOf(['SESSION_CANCELLED', 'PEER_ABORTED']);
    }
  });

  it('drain: a session that runs may end, and no other begins', async () => {
    const { bob } = await threeOrganisations(here, {
      bob: listening(await freePort(), '').replace('0s', '30s'),
    });
    let drained: Promise<unknown> | undefined;
    let second: Promise<Failed> | undefined;
    const result = await here.run('alice', {
      arguments: ['many'],
      onNotice: () => {
        drained ??= bob.lifecycle.drain();
        second ??= failure(here.run('alice'));
      },
    });
    expect(result).to.deep.include({ mean: 15 });
    expect(await second).to.include({ code: 'SESSION_REFUSED', remoteCode: 'DRAINING' });
    expect(await drained).to.equal('done');
  });

  it('end sessions that last longer than the drain', async () => {
    const { bob } = await threeOrganisations(here);
    const error = await failure(
      here.run('alice', { arguments: ['endless'], onNotice: () => void bob.lifecycle.drain() }),
    );
    expect(error).to.include({ code: 'PEER_ABORTED' });
    expect(error.message).to.include('bob').and.include('DRAINING');
  });

  it('keep what programs return where the owner says so, and give them the files that it names', async () => {
    const port = await freePort();
    const bob = `listen: { port: ${port} }\naddress: wss://127.0.0.1:${port}\nprograms: [{ name: mean, file: mean.mjs, results: out, files: { numbers: data.csv } }]\n`;
    await threeOrganisations(here, { bob });
    const { session } = (await here.run('alice')) as { session: string };
    const path = join(here.home('bob'), 'out', `${session}.json`);
    let text: string | undefined;
    while (text === undefined)
      try {
        text = readFileSync(path, 'utf8');
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    expect(JSON.parse(text)).to.deep.include({
      mean: 15,
      rank: 1,
      name: 'bob',
      files: { numbers: join(here.home('bob'), 'data.csv') },
    });
  });
});
