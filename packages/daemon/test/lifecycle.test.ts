import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { handleSignals, Lifecycle, type SignalSource } from '../src/operate/lifecycle.js';

const CHILD = fileURLToPath(new URL('./helpers/drain-child.ts', import.meta.url));

/** A process that can be sent signals, and does not end. */
function fakeProcess(): SignalSource & {
  send(signal: NodeJS.Signals): void;
  exits: number[];
  exited: Promise<number>;
} {
  const handlers = new Set<(signal: NodeJS.Signals) => void>();
  const exits: number[] = [];
  let resolve: (code: number) => void = () => {};
  const exited = new Promise<number>((done) => {
    resolve = done;
  });
  return {
    exits,
    exited,
    on: (_signal, handler) => handlers.add(handler),
    off: (_signal, handler) => handlers.delete(handler),
    send: (signal) => {
      for (const handler of [...handlers]) handler(signal);
    },
    exit: (code) => {
      exits.push(code);
      resolve(code);
    },
  };
}

describe('operation: life of a process', () => {
  it('starts no session before it is ready, nor while it drains', async () => {
    const life = new Lifecycle({ drainMs: 10_000 });
    expect([life.state, life.begin()]).to.deep.equal(['starting', undefined]);
    life.ready();
    const end = life.begin();
    expect(end).to.be.a('function');
    expect([life.state, life.running]).to.deep.equal(['ready', 1]);
    const drained = life.drain();
    expect([life.state, life.begin(), life.draining.aborted, life.signal.aborted]).to.deep.equal([
      'draining',
      undefined,
      true,
      false,
    ]);
    // Being ready again is not a way out.
    life.ready();
    expect(life.state).to.equal('draining');
    end?.();
    end?.();
    expect(await drained).to.equal('done');
    expect([life.state, life.running, life.signal.aborted]).to.deep.equal(['ended', 0, true]);
    expect(await life.drain()).to.equal('done');
  });

  it('aborts what still runs when time is up', async () => {
    const life = new Lifecycle({ drainMs: 20 });
    life.ready();
    const end = life.begin();
    expect(await life.drain()).to.equal('late');
    expect(life.signal.aborted).to.equal(true);
    expect(life.running).to.equal(1);
    end?.();
    expect(life.running).to.equal(0);
  });

  it('an idle process drains at once, and one that never got ready, too', async () => {
    const life = new Lifecycle({ drainMs: 1e6 });
    expect(await life.drain()).to.equal('done');
  });

  it('a signal drains, says goodbye and ends with 0; a second one ends at once with 130 or 143', async () => {
    for (const [second, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const source = fakeProcess();
      const life = new Lifecycle({ drainMs: 1e6 });
      const seen: string[] = [];
      handleSignals({
        lifecycle: life,
        process: source,
        onDrain: (signal) => seen.push(signal),
        close: async (result) => {
          seen.push(result);
        },
      });
      life.ready();
      const end = life.begin();
      source.send('SIGTERM');
      expect([seen, source.exits, life.state]).to.deep.equal([['SIGTERM'], [], 'draining']);
      source.send(second);
      expect(source.exits).to.deep.equal([code]);
      end?.();
    }
  });

  it('a goodbye that fails ends with 1', async () => {
    const source = fakeProcess();
    handleSignals({
      lifecycle: new Lifecycle({ drainMs: 0 }),
      process: source,
      close: () => Promise.reject(new Error('no')),
    });
    source.send('SIGINT');
    expect(await source.exited).to.equal(1);
  });

  it('a goodbye that hangs ends with 1, too', async () => {
    const source = fakeProcess();
    handleSignals({
      lifecycle: new Lifecycle({ drainMs: 0 }),
      process: source,
      goodbyeMs: 10,
      close: () => new Promise(() => {}),
    });
    source.send('SIGINT');
    // The timer keeps no process alive: this one does.
    const alive = setInterval(() => {}, 1000);
    expect(await source.exited).to.equal(1);
    clearInterval(alive);
  });

  it('signals are left alone again afterwards', () => {
    const source = fakeProcess();
    const stop = handleSignals({
      lifecycle: new Lifecycle({ drainMs: 0 }),
      process: source,
      close: async () => {},
    });
    stop();
    source.send('SIGTERM');
    expect(source.exits).to.deep.equal([]);
  });

  describe('a real process', () => {
    if (process.platform === 'win32') return;
    const start = async (...args: string[]) => {
      const child = fork(CHILD, args, { execArgv: process.execArgv });
      const [first] = await once(child, 'message');
      expect(first).to.equal('ready');
      return child;
    };

    it('ends with 0 when its session has ended', async () => {
      const child = await start('1');
      child.kill('SIGTERM');
      expect((await once(child, 'message'))[0]).to.equal('draining SIGTERM');
      child.send('end');
      expect((await once(child, 'exit')).slice(0, 2)).to.deep.equal([0, null]);
    }).timeout(20_000);

    it('ends at once by a second signal', async () => {
      const child = await start('1');
      child.kill('SIGTERM');
      await once(child, 'message');
      child.kill('SIGINT');
      expect((await once(child, 'exit')).slice(0, 2)).to.deep.equal([130, null]);
    }).timeout(20_000);

    it('ends with 0 when time is up, too', async () => {
      const child = await start('1', '50');
      child.kill('SIGINT');
      expect((await once(child, 'exit')).slice(0, 2)).to.deep.equal([0, null]);
    }).timeout(20_000);
  });
});
