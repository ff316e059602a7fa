/** Sessions whose computations are threads: three members in one process, with channels of this thread between them. */
import { fileURLToPath } from 'node:url';
import type { Channel } from '@tacit/comm/layers';
import { hashProgram } from '@tacit/daemon';
// Of the build, as threads load no TypeScript on Node.js 20.
import {
  type HostOptions,
  hostSession,
  type SessionReport,
  startThread,
  WarmThreads,
} from '@tacit/daemon/sessions';
import { defaultConfig } from '@tacit/mpc';
import { compileKernels } from '@tacit/ring';
import { expect } from 'chai';
import { portPair } from './helpers/memory-channel.js';

const PATH = fileURLToPath(new URL('./programs/mean.mjs', import.meta.url));
const NAMES = ['alice', 'bob', 'carol'];

describe('sessions in threads', function () {
  this.timeout(60_000);
  let kernels: WebAssembly.Module;
  let hash: string;
  before(async () => {
    kernels = await compileKernels();
    ({ hash } = await hashProgram(PATH));
  });

  /** A session of Alice, Bob and the dealer Carol. */
  function session(args: string[], changes: Partial<Record<string, Partial<HostOptions>>> = {}) {
    const channels = NAMES.map(() => new Map<number, Channel>());
    for (let a = 0; a < 3; a++)
      for (let b = a + 1; b < 3; b++) {
        const [near, far] = portPair();
        channels[a]?.set(b, near);
        channels[b]?.set(a, far);
      }
    return NAMES.map((name, rank) => {
      const context = { session: 'test', name, peers: NAMES.slice(0, 2), files: {} };
      const program = { path: PATH, hash, arguments: args, context };
      return hostSession({
        plan: {
          session: 'test',
          rank,
          parties: 2,
          names: NAMES,
          config: defaultConfig,
          timeoutMs: 20_000,
          program: rank < 2 ? program : undefined,
        },
        channels: channels[rank] ?? new Map(),
        thread: startThread({ kernels, captured: true }),
        onOutput: () => {},
        ...changes[name],
      });
    });
  }
  const codes = (reports: readonly SessionReport[]): (string | undefined)[] =>
    reports.map(({ error }) => error?.code);

  it('compute, and count what has passed', async () => {
    const output: string[] = [];
    const notices: unknown[] = [];
    const [alice, bob, carol] = await Promise.all(
      session(['x'], {
        alice: { onOutput: (text) => output.push(text), onNotice: (data) => notices.push(data) },
      }),
    );
    expect(alice?.error).to.equal(undefined);
    const context = { args: ['x'], session: 'test', peers: ['alice', 'bob'], files: {} };
    expect(alice?.value).to.deep.equal({ mean: 15, rank: 0, name: 'alice', ...context });
    expect(bob?.value).to.deep.equal({ mean: 15, rank: 1, name: 'bob', ...context });
    expect(carol).to.deep.include({ error: undefined, value: undefined });
    expect(carol?.operations).to.be.greaterThan(0);
    expect(output.join('')).to.equal('computing\ncomputed\n');
    expect(notices).to.deep.equal(['computing']);
    const total = (key: 'bytesSent' | 'bytesReceived'): number =>
      [alice, bob, carol].reduce((sum, report) => sum + (report?.traffic[key] ?? 0), 0);
    expect(total('bytesSent')).to.be.greaterThan(0);
    expect(total('bytesSent')).to.equal(total('bytesReceived'));
  });

  it('begin where somebody has sent something already', async () => {
    const [near, far] = portPair();
    far.send(new Uint8Array(5 * 2 ** 20));
    far.send('and a text');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const traffic: number[] = [];
    const { error } = await hostSession({
      plan: {
        session: 'test',
        rank: 1,
        parties: 1,
        names: ['alice', 'carol'],
        config: defaultConfig,
        timeoutMs: 500,
        program: undefined,
      },
      channels: new Map([[0, near]]),
      thread: startThread({ kernels, captured: true }),
      onOutput: () => {},
      onTraffic: ({ bytesReceived }) => traffic.push(bytesReceived),
    });
    expect(error).to.be.an('error').with.property('code');
    expect(traffic[0]).to.equal(5 * 2 ** 20);
  });

  it('run in threads that were ready, whatever those are rehearsing', async () => {
    const program = { path: PATH, hash, arguments: ['x'] };
    const parties = new WarmThreads({ kernels, program, spares: 1 });
    const dealers = new WarmThreads({ kernels, deals: true, spares: 2 });
    // Taken in the middle of the rehearsal, after it, and where none is left.
    for (const pause of [150, 600, 1500, 0]) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const reports = await Promise.all(
        session(['x'], { alice: { thread: parties.take() }, carol: { thread: dealers.take() } }),
      );
      expect(codes(reports)).to.deep.equal([undefined, undefined, undefined]);
      expect(reports[0]?.value).to.deep.include({ mean: 15 });
    }
    await parties.close();
    await dealers.close();
  });

  it('end where the thread has died before', async () => {
    const thread = startThread({ kernels, captured: true });
    await thread.worker.terminate();
    const [report] = await Promise.all(session([], { alice: { thread } }));
    expect(report?.error).to.include({ code: 'SESSION_CRASHED' });
  });

  it('run side by side', async () => {
    const all = await Promise.all([...session([]), ...session([]), ...session([])]);
    expect(codes(all)).to.deep.equal(Array.from({ length: 9 }, () => undefined));
  });

  it('tell the others that a program failed, and not what it said', async () => {
    for (const [arg, code] of [
      ['throw', 'BANANAS'],
      ['stray', 'STRAY'],
    ] as const) {
      const [alice, bob, carol] = await Promise.all(session([arg]));
      expect(bob?.error).to.include({ code, message: 'the secret is 4711' });
      for (const other of [alice, carol]) {
        expect(other?.error).to.include({ code: 'PEER_ABORTED' });
        expect(other?.error?.message).to.include(`bob aborted the computation: [${code}]`);
        expect(other?.error?.message).to.not.include('4711');
      }
    }
  });

  it('name the member whose computation died', async () => {
    const [alice, bob, carol] = await Promise.all(session(['exit']));
    expect(bob?.error).to.include({ code: 'SESSION_CRASHED' });
    expect(bob?.error?.message).to.include('exited with code 3');
    for (const other of [alice, carol]) {
      expect(other?.error).to.include({ code: 'PEER_LEFT' });
      expect(other?.error?.message).to.include('bob left');
    }
    // Whoever hears of it from another member hears less.
    expect(`${alice?.error?.message} ${carol?.error?.message}`).to.include('its computation died');
  });

  it('end when they are told to, also where a program never pauses', async () => {
    for (const arg of ['endless', 'busy']) {
      const controller = new AbortController();
      const reason = Object.assign(new Error('stopped by SIGTERM'), { code: 'DRAINING' });
      const running = session([arg], {
        alice: { onNotice: () => controller.abort(reason) },
        bob: { signal: controller.signal },
      });
      const [alice, bob, carol] = await Promise.all(running);
      expect(bob?.error).to.include({ code: 'DRAINING' });
      for (const other of [alice, carol]) {
        expect(other?.error?.code).to.be.oneOf(
          arg === 'busy' ? ['PEER_LEFT', 'PEER_ABORTED'] : ['PEER_ABORTED'],
        );
        expect(other?.error?.message).to.include('bob');
      }
    }
  });

  it('do not begin where they are cancelled already', async () => {
    const signal = AbortSignal.abort(Object.assign(new Error('too late'), { code: 'SESSION_CANCELLED' }));
    const all = await Promise.all(session([], { bob: { signal } }));
    expect(codes(all)).to.deep.equal(['PEER_ABORTED', 'SESSION_CANCELLED', 'PEER_ABORTED']);
  });

  it('run only the file that was agreed on, and only programs', async () => {
    const other = hash.replaceAll(/./g, '0');
    const changed = (path: string, own: string) => ({
      plan: {
        session: 'test',
        rank: 1,
        parties: 2,
        names: NAMES,
        config: defaultConfig,
        timeoutMs: 20_000,
        program: {
          path,
          hash: own,
          arguments: [],
          context: { session: 'test', name: 'bob', peers: [], files: {} },
        },
      },
    });
    const all = await Promise.all(session([], { bob: changed(PATH, other) }));
    expect(codes(all)).to.deep.equal(['PEER_ABORTED', 'PROGRAM_CHANGED', 'PEER_ABORTED']);
    const nothing = fileURLToPath(new URL('./programs/nothing.mjs', import.meta.url));
    const odd = await Promise.all(session([], { bob: changed(nothing, (await hashProgram(nothing)).hash) }));
    expect(codes(odd)).to.deep.equal(['PEER_ABORTED', 'PROGRAM_INVALID', 'PEER_ABORTED']);
  });
});
