/** The commands, each organisation a process of its own that may be killed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePort, listening, type Running, type World, world } from './helpers/organisations.js';

describe('tacit party, dealer, run and join', function () {
  this.timeout(60_000);
  let here: World;
  let bob: Running;
  let carol: Running;
  beforeEach(async () => {
    here = world();
    await Promise.all([
      here.organisation('alice'),
      here.organisation('bob', listening(await freePort())),
      here.organisation('carol', listening(await freePort())),
    ]);
    bob = here.spawn('party', '--home', 'bob');
    carol = here.spawn('dealer', '--home', 'carol');
    await Promise.all([bob.says('party bob'), carol.says('dealer carol')]);
  });
  afterEach(() => here.close());

  /** Runs a command to its end. */
  async function tacit(...args: string[]): Promise<Running & { readonly code: number | null }> {
    const running = here.spawn(...args);
    return { ...running, code: await running.exit };
  }

  async function invite(name: string, home: string, ...more: string[]): Promise<string> {
    const made = await tacit('invite', name, '--home', home, ...more);
    expect(made.code, made.stderr()).to.equal(0);
    return made.stdout().trim();
  }

  /** As operators do it. */
  async function pairAll(): Promise<void> {
    const rule = ['--program', 'mean', '--arguments', 'any'];
    const [first, second, third] = await Promise.all([
      invite('alice', 'bob', ...rule),
      invite('alice', 'carol', ...rule),
      invite('bob', 'carol'),
    ]);
    const joined = [
      await tacit('join', first, '--home', 'alice'),
      await tacit('join', second, '--home', 'alice', '--role', 'dealer'),
      await tacit('join', third, '--home', 'bob', '--role', 'dealer'),
    ];
    for (const one of joined) {
      expect(one.code, one.stderr()).to.equal(0);
      expect(one.stdout()).to.match(/^paired {2}(bob|carol) {2}[A-Z2-7-]+ {2}wss:/);
    }
    const again = await tacit('join', first, '--home', 'carol');
    expect(again.code).to.equal(1);
    expect(again.stderr()).to.include('[INVITE_INVALID] the invite was used already');
  }

  const run = (...args: string[]): Running =>
    here.spawn('run', 'alice/mean.mjs', '--with', 'bob', '--dealer', 'carol', '--home', 'alice', ...args);

  it('pair, compute, and end with the members that are killed', async () => {
    await pairAll();
    const good = run('x');
    expect(await good.exit, good.stderr()).to.equal(0);
    const [first, second, result] = good.stdout().trim().split('\n');
    expect([first, second]).to.deep.equal(['computing', 'computed']);
    expect(JSON.parse(result ?? '')).to.deep.include({ mean: 15, args: ['x'] });

    // Bob is killed: all others name him once he may not come back any more.
    const broken = run('--resume', '1s', 'endless');
    await carol.says('the session of alice, bob, carol begins');
    await broken.says('computing');
    bob.child.kill('SIGKILL');
    expect(await broken.exit).to.equal(1);
    expect(broken.stderr()).to.match(/bob (left|aborted|did not)/);
    await carol.says('"outcome":"failed"');
    expect(carol.stderr()).to.match(
      /the session failed: (bob left|\w+ aborted the computation: \[PEER_LEFT\] bob left)/,
    );
  });

  it('end in order: Ctrl-C of the leader, SIGTERM of a daemon', async () => {
    await pairAll();
    const cancelled = run('endless');
    await cancelled.says('computing');
    cancelled.child.kill('SIGINT');
    expect(await cancelled.exit).to.equal(130);
    expect(cancelled.stderr()).to.include('[SESSION_CANCELLED]: the session was cancelled by alice');
    await Promise.all([bob.says('"op":"session","outcome"'), carol.says('"op":"session","outcome"')]);
    expect(bob.stderr()).to.match(/the session was cancelled by alice|alice (left|aborted)/);

    const stopped = run('endless');
    await stopped.says('computing');
    bob.child.kill('SIGTERM');
    expect(await bob.exit).to.equal(0);
    expect(await stopped.exit).to.equal(1);
    expect(stopped.stderr()).to.include('bob aborted the computation: [DRAINING]');

    // The dealer is killed.
    bob = here.spawn('party', '--home', 'bob');
    await bob.says('party bob');
    const orphaned = run('--resume', '1s', 'endless');
    await orphaned.says('computing');
    carol.child.kill('SIGKILL');
    expect(await orphaned.exit).to.equal(1);
    expect(orphaned.stderr()).to.include('carol left');
  });

  it('say what is wrong', async () => {
    const fails = async (code: number, text: string, ...args: string[]): Promise<void> => {
      const one = await tacit(...args);
      expect(one.stderr()).to.include(text);
      expect(one.code).to.equal(code);
    };
    await Promise.all([
      fails(
        2,
        "there is no peer 'bob'",
        'run',
        'alice/mean.mjs',
        '--with',
        'bob',
        '--dealer',
        'carol',
        '--home',
        'alice',
      ),
      fails(2, 'nobody could reach this process', 'party', '--home', 'alice'),
      fails(1, 'there is no identity', 'party', '--home', 'nowhere', '--listen', '127.0.0.1:0'),
      fails(1, 'INVITE_FORMAT', 'join', 'tacit:1:nonsense', '--home', 'alice'),
      fails(2, "a relay needs 'relayServer'", 'relay', '--home', 'alice'),
      fails(
        2,
        'must be a duration',
        'run',
        'alice/mean.mjs',
        '--with',
        'b',
        '--dealer',
        'c',
        '--home',
        'alice',
        '--wait',
        'x',
      ),
    ]);
    expect(existsSync(join(here.home('nowhere'), 'audit.log'))).to.equal(false);
  });
});
