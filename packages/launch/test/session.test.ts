/** Sessions whose members are processes of their own that know nothing of each other but a file and their keys. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { breakingProxy } from '@tacit/compliance';
import { expect } from 'chai';
import type { LaunchedParty } from '../src/launched-party.js';
import { listen } from '../src/session/connect-session.js';
import { joinSession, runDealer } from '../src/session/join-session.js';
import { checkSession, type SessionOptions } from '../src/session/session-options.js';
import { bin, type Finished, node, program, workspace } from './helpers/run.js';

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

describe('a session of members on different machines', function () {
  this.timeout(60_000);
  const { folder, remove } = workspace();
  after(remove);
  const tacit = (...args: string[]): Promise<Finished> => node([bin, ...args], { cwd: folder });
  const names = ['alice', 'bob', 'dealer'];
  const keys = new Map<string, string>();
  const PROGRAM = program('session-program.mjs');

  before(async () => {
    for (const name of [...names, 'mallory']) {
      const made = await tacit('keys', `${name}.key`);
      expect(made.code, made.stderr).to.equal(0);
      keys.set(name, made.stdout.trim());
    }
  });

  /** A session file; Bob cannot listen. */
  async function sessionFile(file: string, changes: object = {}): Promise<number[]> {
    const [alice, dealer] = await freePorts(2);
    const addresses = [`ws://127.0.0.1:${alice}`, undefined, `ws://127.0.0.1:${dealer}`];
    const members = names.map((name, i) => ({ name, publicKey: keys.get(name), address: addresses[i] }));
    writeFileSync(join(folder, file), JSON.stringify({ session: 'mean', members, ...changes }));
    return [alice, dealer];
  }

  it('makes keys that only their owner can read, and does not replace them', async () => {
    expect(statSync(join(folder, 'alice.key')).mode & 0o777).to.equal(0o600);
    expect(keys.get('alice')).to.match(/^[0-9a-f]{64}$/);
    const again = await tacit('keys', 'alice.key');
    expect(again.code).to.equal(2);
    expect(again.stderr).to.include('alice.key exists');
    expect(readFileSync(join(folder, 'alice.key'), 'utf8')).to.not.include(keys.get('alice'));
  });

  it('computes: parties and dealer are three processes', async () => {
    await sessionFile('mean.json');
    const [alice, bob, dealer] = await Promise.all([
      tacit('party', 'mean.json', PROGRAM, 'one', '--key', 'alice.key'),
      tacit('party', 'mean.json', PROGRAM, 'two', '--key', 'bob.key'),
      tacit('dealer', 'mean.json', '--key', 'dealer.key'),
    ]);
    const awaited = { alice: 'bob, dealer', bob: 'alice, dealer', dealer: 'alice, bob' };
    for (const [name, run] of Object.entries({ alice, bob, dealer }))
      expect(run, run.stderr).to.include({
        code: 0,
        stderr: `${name} in 'mean': waiting for ${awaited[name as keyof typeof awaited]}\n`,
      });
    expect(JSON.parse(alice.stdout)).to.deep.equal({ rank: 0, mean: [2, 3, 4], args: ['one'] });
    expect(JSON.parse(bob.stdout)).to.deep.equal({ rank: 1, mean: [2, 3, 4], args: ['two'] });
    expect(dealer.stdout).to.match(/^dealt for \d+ operations of 'mean'\n$/);
  });

  it('goes on when connections break', async () => {
    const [alice, dealer] = await sessionFile('broken.json');
    // Bob reaches Alice and the dealer through a network that breaks all connections again and again.
    const proxies = [await breakingProxy(alice, 200, 400), await breakingProxy(dealer, 200, 400)];
    const [toAlice, toDealer] = proxies.map(({ port }) => port);
    const file = readFileSync(join(folder, 'broken.json'), 'utf8');
    const around = file.replace(`:${alice}"`, `:${toAlice}"`).replace(`:${dealer}"`, `:${toDealer}"`);
    writeFileSync(join(folder, 'around.json'), around);
    try {
      const runs = await Promise.all([
        tacit('party', 'broken.json', PROGRAM, 'x', '300', '--key', 'alice.key'),
        tacit('party', 'around.json', PROGRAM, 'x', '300', '--key', 'bob.key'),
        tacit('dealer', 'broken.json', '--key', 'dealer.key'),
      ]);
      const errors = runs.map(({ stderr }) => stderr.replace(/^\w+ in 'mean': waiting for .*\n/, ''));
      expect(errors.join('')).to.equal('');
      for (const run of runs.slice(0, 2)) expect(JSON.parse(run.stdout).mean).to.deep.equal([2, 3, 4]);
      expect(proxies.reduce((sum, proxy) => sum + proxy.breaks(), 0)).to.be.greaterThan(1);
    } finally {
      for (const proxy of proxies) proxy.close();
    }
  });

  it('tells the others that a program failed, and not what it said', async () => {
    await sessionFile('failing.json');
    const [alice, bob, dealer] = await Promise.all([
      tacit('party', 'failing.json', PROGRAM, 'fail', '--key', 'alice.key'),
      tacit('party', 'failing.json', PROGRAM, 'fail', '--key', 'bob.key'),
      tacit('dealer', 'failing.json', '--key', 'dealer.key'),
    ]);
    expect(bob.code).to.equal(1);
    expect(bob.stderr).to.include('[BANANAS]: the secret is 4711');
    for (const other of [alice, dealer]) {
      expect(other.code).to.equal(1);
      expect(other.stderr).to.include('[PEER_ABORTED]: party 1 aborted').and.include('BANANAS');
      expect(other.stderr).to.not.include('4711');
    }
  });

  it('refuses a member that has another key', async () => {
    await sessionFile('posing.json');
    const posing = JSON.parse(readFileSync(join(folder, 'posing.json'), 'utf8'));
    posing.members[2].publicKey = keys.get('mallory');
    delete posing.members[2].address;
    writeFileSync(join(folder, 'mallory.json'), JSON.stringify(posing));
    const alice = tacit('party', 'posing.json', PROGRAM, '--key', 'alice.key', '--wait', '4');
    const mallory = await tacit('dealer', 'mallory.json', '--key', 'mallory.key', '--wait', '3');
    expect(mallory.code).to.equal(1);
    expect(mallory.stderr).to.match(/HANDSHAKE_FAILED.*wrong key|COMM_BAD_ARGUMENT/);
    expect((await alice).stderr).to.include('PEER_UNREACHABLE');
  });

  it('can be cancelled while it waits', async () => {
    await sessionFile('waiting.json');
    const child = spawn(process.execPath, [bin, 'dealer', 'waiting.json', '--key', 'dealer.key'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (text) => {
      const before = stderr;
      stderr += text;
      // Before it says so, nobody listens to signals.
      if (!before.includes('waiting for') && stderr.includes('waiting for')) child.kill('SIGTERM');
    });
    const [code] = await once(child, 'exit');
    expect(code).to.equal(130);
    expect(stderr).to.include('LAUNCH_ABORTED');
  });

  it('says what is wrong with a session file, a key or the options', async () => {
    const expectError = async (text: string, ...args: string[]): Promise<void> => {
      const run = await tacit(...args);
      expect(run.code, run.stderr).to.be.oneOf([1, 2]);
      expect(run.stderr).to.include(text);
    };
    await sessionFile('good.json');
    writeFileSync(join(folder, 'bad.json'), '{ "session": ');
    await expectError('not JSON', 'dealer', 'bad.json', '--key', 'dealer.key');
    await sessionFile('few.json', { members: [] });
    await expectError('at least two parties', 'dealer', 'few.json', '--key', 'dealer.key');
    await sessionFile('odd.json', { members: [{}, {}, {}] });
    await expectError('member 0 needs', 'dealer', 'odd.json', '--key', 'dealer.key');
    await sessionFile('extra.json', { memebers: [] });
    await expectError("unknown entry 'memebers'", 'dealer', 'extra.json', '--key', 'dealer.key');
    await expectError('no member has the public key', 'dealer', 'good.json', '--key', 'mallory.key');
    await expectError(
      'is the key of alice; the dealer is dealer',
      'dealer',
      'good.json',
      '--key',
      'alice.key',
    );
    await expectError('is the key of the dealer', 'party', 'good.json', PROGRAM, '--key', 'dealer.key');
    await expectError('not a key file', 'dealer', 'good.json', '--key', 'good.json');
    await expectError('FILE_NOT_FOUND', 'dealer', 'none.json', '--key', 'dealer.key');
    await expectError(
      'no function as its default export',
      'party',
      'good.json',
      program('nothing.mjs'),
      '--key',
      'alice.key',
    );
  });

  it('takes members of one process, tokens for pairs, and doors whose port was not known before', async () => {
    const [alice, dealer] = [await listen(), await listen()];
    const pairs = ['01', '02', '12'].map(
      (pair) => [pair, crypto.getRandomValues(new Uint8Array(32))] as const,
    );
    const tokens = new Map<string, Uint8Array>(pairs);
    const member = (rank: number) => ({
      rank,
      worldSize: 2,
      sessionId: 'here',
      addresses: [alice.address, undefined, dealer.address],
      listen: [alice, undefined, dealer][rank],
      token: (peer: number) => tokens.get([rank, peer].sort().join('')) ?? new Uint8Array(0),
      timeoutMs: 10_000,
    });
    const notices: unknown[] = [];
    const sum = async (party: LaunchedParty): Promise<number[]> => {
      const x = party.cryptensor([1.5, 2], { src: 1 });
      party.notify(party.rank);
      return [...((await x.sum().revealFloat64())?.data ?? [])];
    };
    const [a, b, report] = await Promise.all([
      joinSession({ ...member(0), onNotice: (data) => notices.push(data) }, sum),
      joinSession(member(1), sum),
      runDealer(member(2)),
    ]);
    expect([a, b]).to.deep.equal([[3.5], [3.5]]);
    expect(notices).to.deep.equal([0]);
    expect(report.operations).to.be.a('number');
    await Promise.all([alice.close(), dealer.close()]);
  });

  for (const resumeMs of [0, 3000])
    it(`names a member that is silent after the time that links say ${resumeMs ? 'and' : 'without'} resuming`, async () => {
      const [alice, dealer] = [
        await listen(resumeMs ? {} : ({ pingIntervalMs: 100, deadAfterMs: 1000 } as object)),
        await listen(),
      ];
      // What Alice says to Bob gets lost from the first words of their programs on.
      const stop: Socket[] = [];
      let lost = false;
      const wire = createServer((down) => {
        const up = connect(Number(new URL(alice.address).port), '127.0.0.1');
        for (const [from, to] of [
          [down, up],
          [up, down],
        ] as const)
          from.on('data', (chunk) => !lost && to.write(chunk)).on('error', () => {});
        stop.push(up, down);
      });
      wire.listen(0, '127.0.0.1');
      await once(wire, 'listening');
      const throughWire = `ws://127.0.0.1:${(wire.address() as { port: number }).port}`;
      const token = crypto.getRandomValues(new Uint8Array(32));
      const links = {
        heartbeatMs: 100,
        deadAfterMs: 1000,
        ...(resumeMs && { silentMs: 500 }),
        closeTimeoutMs: 100,
      };
      const member = (rank: number) => ({
        rank,
        worldSize: 2,
        sessionId: 'silence',
        addresses: [rank === 1 ? throughWire : alice.address, undefined, dealer.address],
        listen: [alice, undefined, dealer][rank],
        token,
        resumeMs,
        links,
      });
      const sum = async (party: LaunchedParty): Promise<unknown> => {
        await party.cryptensor([1], { src: 1 }).sum().revealFloat64();
        lost = true;
        return party.cryptensor([1], { src: 1 }).sum().revealFloat64();
      };
      const ends = await Promise.allSettled([
        joinSession(member(0), sum),
        joinSession(member(1), sum),
        runDealer(member(2)),
      ]);
      const texts = ends.map((end) => (end.status === 'rejected' ? String(end.reason) : 'nothing wrong'));
      expect(texts.join('\n')).to.match(/party [01] left: (it answers no heartbeat|its connection broke)/);
      expect(texts).to.not.include('nothing wrong');
      for (const socket of stop) socket.destroy();
      wire.close();
      await Promise.all([alice.close(), dealer.close()]);
    });

  it('checks the options of joinSession and runDealer', () => {
    const token = new Uint8Array(32);
    const options: SessionOptions = { worldSize: 2, sessionId: 's', addresses: ['ws://x', '', ''], token };
    expect(checkSession(options, 2)).to.include({ parties: 2, size: 3, timeoutMs: 120_000 });
    const rejects = (changes: object, text: string, rank = 0): void => {
      expect(() => checkSession({ ...options, ...changes }, rank))
        .to.throw(text)
        .with.property('code', 'LAUNCH_OPTIONS');
    };
    rejects({}, 'rank must be', 3);
    rejects({ addresses: ['ws://x', ''] }, 'addresses needs 3 entries');
    rejects({ token: undefined }, 'keys, a token, or both');
    rejects({ resumeMs: -1 }, 'resumeMs');
    rejects({ links: { heartbeatMs: 0 } }, 'links.heartbeatMs must be a positive number');
    rejects({ links: { deadAfterMs: Number.NaN } }, 'links.deadAfterMs must be');
    rejects({ links: { graceMs: 1 } }, "links have no option 'graceMs'; they have heartbeatMs, deadAfterMs");
    rejects({ links: { silentMs: 1000 } }, 'resumeMs is 0');
    checkSession({ ...options, links: { heartbeatMs: 1, closeTimeoutMs: undefined } }, 0);
    checkSession({ ...options, resumeMs: 1, links: { silentMs: 1000, maxReplayBytes: 1 } }, 0);
    rejects({ worldSize: 1 }, 'worldSize');
    rejects({ config: { bits: 1 } }, "unknown setting 'bits'");
    rejects({ key: new Uint8Array(32) }, "a session has no option 'key'");
  });
});
