/** Organisations that pair and compute: daemons in this process, with homes, certificates and sockets of their own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAudit } from '@tacit/daemon';
import { openPeers } from '@tacit/identity';
import { expect } from 'chai';
import {
  freePort,
  listening,
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
