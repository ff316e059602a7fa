/** Deadlines of attempts to connect, whatever the garbage collector does meanwhile. */
import { getEventListeners, once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { Deadline } from '../src/deadline.js';
import { webSocketTransport } from '../src/websocket.js';
import { failureOf, freshToken } from './helpers.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

describe('a deadline', () => {
  it('fires though nobody holds it, and the garbage collector has been by', async () => {
    const reason = new Promise((resolve) => {
      const { signal } = new Deadline(50, never());
      signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
    });
    for (let i = 0; i < 3; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await reason).to.include({ name: 'TimeoutError', message: 'no answer within 50 ms' });
  });

  it('follows another signal, with its reason, and leaves it alone when it is over', () => {
    const outer = new AbortController();
    const deadline = new Deadline(60_000, outer.signal);
    outer.abort('enough');
    expect(deadline.signal.reason).to.equal('enough');
    expect(new Deadline(60_000, outer.signal).signal.reason).to.equal('enough');
    expect(getEventListeners(outer.signal, 'abort')).to.have.length(0);
  });

  it('that was stopped does not fire, and holds nothing', async () => {
    const outer = new AbortController();
    const deadline = new Deadline(1, outer.signal);
    deadline.stop();
    expect(getEventListeners(outer.signal, 'abort')).to.have.length(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    outer.abort();
    expect(deadline.signal.aborted).to.equal(false);
  });

  it('beyond what timers can count never comes', async () => {
    for (const ms of [2 ** 31, Number.POSITIVE_INFINITY]) {
      const deadline = new Deadline(ms, never());
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(deadline.signal.aborted).to.equal(false);
      deadline.stop();
    }
  });

  it('ends a dial to somebody who never answers', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const collecting = setInterval(collect, 20);
    try {
      const error = await failureOf(
        webSocketTransport({
          rank: 1,
          size: 2,
          addresses: [`ws://127.0.0.1:${port}`, ''],
          sessionId: 'silence',
          token: freshToken(),
          connectTimeoutMs: 300,
        }),
      );
      expect(error.code).to.equal('PEER_UNREACHABLE');
      expect(error.message).to.match(/rank 0 .* is unreachable for 300 ms: no answer within \d+ ms/);
    } finally {
      clearInterval(collecting);
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });
});

const never = (): AbortSignal => new AbortController().signal;
