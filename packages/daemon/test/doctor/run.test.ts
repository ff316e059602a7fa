/** All of doctor: this side's own part, a relay, what is printed. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listenAtRelay, relayedAddress, startRelay } from '@tacit/comm/relay';
import { listen } from '@tacit/comm/websocket';
import { createIdentity, openPeers } from '@tacit/identity';
import { expect } from 'chai';
import { checkIdentity } from '../../src/doctor/local/identity.js';
import { checkRuntime } from '../../src/doctor/local/runtime.js';
import { burstIn } from '../../src/doctor/measure/buffering.js';
import { clockDifference, median } from '../../src/doctor/measure/round-trips.js';
import { type Report, render } from '../../src/doctor/render.js';
import { runDoctor } from '../../src/doctor/run-doctor.js';
import { sharedAddresses } from '../../src/doctor/shared-address.js';
import { targetOf } from '../../src/doctor/target.js';
import { compareVersions } from '../../src/doctor/versions.js';
import {
  cleanUp,
  closedPort,
  fakeDaemon,
  identityOf,
  listening,
  onCleanUp,
  temporaryFolder,
  VERSION,
  waysOf,
} from './fakes.js';

describe('doctor about everything', function () {
  this.timeout(30_000);
  let home: string;

  beforeEach(async () => {
    home = join(temporaryFolder(), 'home');
    await createIdentity(home, { name: 'alice' });
  });
  afterEach(cleanUp);

  const doctor = (options: Partial<Parameters<typeof runDoctor>[0]> = {}): Promise<Report> =>
    runDoctor({
      home,
      version: VERSION,
      env: {},
      limitMs: 5000,
      ways: (identity) => waysOf(identity as never),
      ...options,
    });
  const of = ({ findings }: Report, check: string) => findings.filter((finding) => finding.check === check);
  const configure = (text: string): void => writeFileSync(join(home, 'config.yaml'), text);

  it('finds a fresh home in order, and nobody to talk to', async () => {
    const report = await doctor();
    expect(report.ok).to.equal(true);
    for (const check of ['runtime', 'home', 'identity', 'config', 'programs'])
      expect(of(report, check)[0]?.verdict, check).to.equal('ok');
    expect(of(report, 'peers')[0]?.verdict).to.equal('warning');
  });

  it('says that there is no home, and no identity', async () => {
    const missing = await doctor({ home: join(home, 'nowhere') });
    expect(missing.ok).to.equal(false);
    expect(of(missing, 'home')[0]?.advice).to.include('tacit identity --name');
    const empty = temporaryFolder();
    chmodSync(empty, 0o700);
    const bare = await doctor({ home: empty });
    expect(of(bare, 'identity')[0]?.verdict).to.equal('problem');
  });

  it('looks at permissions', async () => {
    chmodSync(home, 0o755);
    expect(of(await doctor(), 'home')[0]?.verdict).to.equal('warning');
    chmodSync(home, 0o777);
    const open = await doctor();
    expect(of(open, 'home')[0]?.advice).to.equal(`chmod 700 ${home}`);
    chmodSync(home, 0o700);
    chmodSync(join(home, 'identity', 'key.pem'), 0o644);
    expect(of(await doctor(), 'identity')[0]?.message).to.include('can be read by others');
  });

  it('looks at the age of the certificate, and at the clock', () => {
    const at = (date: string) => checkIdentity(home, new Date(date)).found;
    const years = (n: number) => new Date(Date.now() + n * 365.25 * 86_400_000).toISOString();
    expect(at(years(0.01)).verdict).to.equal('ok');
    expect(at(years(21)).verdict).to.equal('problem');
    expect(at(years(19.95)).verdict).to.equal('warning');
    expect(at('2001-01-01').message).to.include('believes that it is 2001');
  });

  it('repeats what is wrong with the settings and peers, and goes on', async () => {
    configure('relais: wss://relay.example\n');
    writeFileSync(join(home, 'peers.yaml'), 'peers: 7\n', { mode: 0o600 });
    const report = await doctor();
    expect(of(report, 'config')[0]?.message).to.include("did you mean 'relay'");
    expect(of(report, 'peers')[0]?.verdict).to.equal('problem');
  });

  it('finds settings that contradict each other', async () => {
    configure(
      `listen: { host: 127.0.0.1, port: ${await closedPort()} }\naddress: wss://alice.example:7700\n`,
    );
    const local = await doctor();
    expect(of(local, 'config')[0]?.message).to.include('listens on 127.0.0.1 only');
    expect(of(local, 'listen')[0]?.figures).to.deep.equal({ running: false });
  });

  it('finds peers that nobody can reach, that are this side, or share an address', async () => {
    const bob = await identityOf('bob');
    const carol = await identityOf('carol');
    const own = checkIdentity(home).identity;
    const peers = openPeers(home);
    peers.add({ name: 'bob', ids: [bob.deviceId] });
    const alone = await doctor({ only: ['bob'] });
    expect(of(alone, 'peers')[0]?.message).to.include('neither can reach the other');
    peers.update('bob', (peer) => ({ ...peer, address: 'wss://b.example:1' }));
    peers.add({ name: 'carol', ids: [carol.deviceId], address: 'wss://b.example:1' });
    peers.add({ name: 'me', ids: [own?.deviceId ?? ''] });
    const messages = of(await doctor({ ways: unreachable }), 'peers').map(({ message }) => message);
    expect(messages.join())
      .to.include('bob and carol have the same address')
      .and.include('is that of this side');
  });

  const unreachable = (identity: object) => ({
    ...waysOf(identity as never),
    lookup: () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })),
  });

  it('compares programs with the rules about them', async () => {
    const bob = await identityOf('bob');
    writeFileSync(join(home, 'mean.mjs'), 'export default () => 1;\n');
    configure('programs: [{ name: mean, file: mean.mjs }, { name: gone, file: gone.mjs }]\n');
    openPeers(home).add({
      name: 'bob',
      ids: [bob.deviceId],
      address: 'wss://b.example:1',
      programs: [{ name: 'mean', hash: '0'.repeat(64) }, { name: 'median' }],
    });
    const messages = of(await doctor({ ways: unreachable }), 'programs').map(({ message }) => message);
    expect(messages).to.have.length(3);
    expect(messages.join()).to.include('gone cannot be offered');
    expect(messages.join()).to.include('may start median, which is not offered here');
    expect(messages.join()).to.include('the hash 000000000000…');
  });

  it('refuses names that are no peers', async () => {
    const error = await doctor({ only: ['nobody'] }).catch((reason: Error) => reason);
    expect(String(error)).to.include("there is no peer 'nobody'");
  });

  it('goes through a relay to a peer, and to this side', async () => {
    const bob = await identityOf('bob');
    const relay = await startRelay({ host: '127.0.0.1', port: 0 });
    onCleanUp(() => relay.close());
    const hub = await listen({ identity: bob, onControl: fakeDaemon() });
    const door = await listenAtRelay({ url: relay.address, identity: bob, hub });
    onCleanUp(async () => {
      door.close();
      await hub.close();
    });
    openPeers(home).add({
      name: 'bob',
      ids: [bob.deviceId],
      address: relayedAddress(relay.address, bob.fingerprint),
    });
    configure(`relay: ${relay.address}\n`);
    const report = await doctor();
    expect(report.ok, JSON.stringify(report.findings, null, 1)).to.equal(true);
    expect(of(report, 'tls')[0]?.message).to.include('through the relay');
    expect(of(report, 'frames')[0]?.verdict).to.equal('ok');
    expect(of(report, 'relay')[0]?.message).to.include('not registered');
    const own = checkIdentity(home).identity;
    if (!own) throw new Error('no identity');
    const ownHub = await listen({ identity: own, onControl: fakeDaemon({ release: null }) });
    const ownDoor = await listenAtRelay({ url: relay.address, identity: own, hub: ownHub });
    onCleanUp(async () => {
      ownDoor.close();
      await ownHub.close();
    });
    expect(of(await doctor(), 'relay')[0]?.figures).to.deep.equal({ registered: true });
    door.close();
  });

  it('says that a peer is not at its relay, and that a relay is none', async () => {
    const bob = await identityOf('bob');
    const relay = await startRelay({ host: '127.0.0.1', port: 0, allow: [bob.fingerprint] });
    onCleanUp(() => relay.close());
    configure(`relay: ${relay.address}\n`);
    const refused = of(await doctor(), 'relay')[0];
    expect(refused?.advice).to.include('relayServer.allow');
    configure(`relay: ws://127.0.0.1:${await closedPort()}\n`);
    expect(of(await doctor(), 'relay')[0]?.message).to.include('nothing listens');
    configure(`relay: ws://127.0.0.1:${await listening(bob, {}, { plain: true, helloTimeoutMs: 300 })}\n`);
    expect(of(await doctor({ limitMs: 7000 }), 'relay')[0]?.verdict).to.equal('problem');
  });

  it('is cancelled by its signal', async () => {
    const error = await doctor({ signal: AbortSignal.abort(new Error('stopped by SIGINT')) }).catch(
      (e: Error) => e,
    );
    expect(String(error)).to.include('stopped by SIGINT');
  });

  it('prints this side first, then peers, then what to change, problems first, and no control characters', () => {
    const lines = render(
      {
        ok: false,
        version: '1',
        node: 'v20',
        findings: [
          { check: 'tcp', peer: 'bob', verdict: 'warning', message: 'slow', advice: 'wait' },
          { check: 'home', verdict: 'problem', message: 'gone\u001b[2J', advice: 'make it' },
        ],
      },
      new Map([['bob', 'bob (party) at wss://b']]),
    );
    expect(lines).to.deep.equal([
      'this side',
      '  PROBLEM  home  gone?[2J',
      '',
      'bob (party) at wss://b',
      '  WARNING  tcp   slow',
      '',
      'What to change',
      '  1. home: make it',
      '  2. bob, tcp (warning): wait',
    ]);
  });

  it('warns of two roles behind one address', () => {
    const place = (name: string, address: string, role: 'party' | 'dealer' = 'party') => ({
      name,
      role,
      addresses: [address],
    });
    const messages = (...members: Parameters<typeof sharedAddresses>[0]) =>
      sharedAddresses(members, ['10.0.0.9']).map(({ verdict, message }) => `${verdict} ${message}`);
    expect(messages(place('bob', '10.0.0.1'), place('carol', '10.0.0.1', 'dealer'))).to.deep.equal([
      'warning bob and carol (dealer) are behind one address (10.0.0.1)',
    ]);
    expect(messages(place('bob', '10.0.0.9'))).to.deep.equal(['warning bob is on this machine (10.0.0.9)']);
    expect(messages(place('bob', '10.0.0.1'), place('carol', '10.0.0.2', 'dealer'))[0]).to.match(
      /^ok 2 peers/,
    );
    expect(messages()).to.have.length(1);
  });

  it('judges releases, addresses, bursts and clocks', () => {
    expect(checkRuntime('1.0.0', 'v20.18.1').verdict).to.equal('problem');
    expect(checkRuntime('1.0.0', 'v22.0.0').verdict).to.equal('ok');
    expect(compareVersions('1.2.3', {}).verdict).to.equal('problem');
    expect(compareVersions('1.2.3', { version: 'nonsense' }).verdict).to.equal('problem');
    expect(targetOf('wss://[::1]:7')).to.include({ host: '::1', port: 7, secure: true });
    expect(targetOf('ws://h')).to.include({ port: 80, secure: false });
    expect(median([3, 1, 2])).to.equal(2);
    const at = (sentMs: number, receivedMs: number) => ({ sentMs, receivedMs });
    expect(burstIn([at(0, 10), at(20, 30), at(40, 50)]).spanMs).to.equal(0);
    expect(burstIn([at(0, 50), at(20, 51), at(40, 52)])).to.deep.equal({ count: 3, spanMs: 38 });
    // Whoever reads it is interrupted, and what is not held comes before and after.
    expect(burstIn([at(0, 9), at(20, 90), at(40, 91), at(60, 99), at(80, 89)])).to.deep.equal({
      count: 4,
      spanMs: 61,
    });
    expect(burstIn([])).to.deep.equal({ count: 0, spanMs: 0 });
    const pong = (time: number) => ({ type: 'pong' as const, id: 0, time });
    const answered = (time: number, trip: number) => ({
      pong: pong(time),
      sentMs: 0,
      receivedMs: trip,
      sentTime: 1000,
    });
    // The answer may have been written at any moment of a trip that took longer than the difference.
    expect(clockDifference([answered(75_000, 40_000)]).verdict).to.equal('ok');
    expect(clockDifference([answered(75_000, 40_000), answered(75_000, 10)]).verdict).to.equal('warning');
  });
});
