/** A bad network between dialers and a hub, in front of which it listens. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { chance } from './wire.js';

/** A dialer hears this often from a hub before a link is made: upgrade, two answers of the handshake, greeting. */
const ANSWERS = 4;
/** A connection in the middle of something large lasts until so much of it has passed, also where the machine is slow. */
const PROGRESS = { bulk: 2 ** 16, bytes: 2 ** 20, postponements: 8 };

/** What `breakingProxy` gives. */
export interface BreakingProxy {
  readonly port: number;
  /** How many connections it has broken. */
  breaks(): number;
  close(): void;
}

/**
 * Breaks each connection at a random moment. The clock starts when the link is made, so that slow machines get as far;
 * only every third connection may break before. It is put off a few times while a connection has carried little and is
 * busy: otherwise a large frame never arrives on a slow machine.
 * @param target port of the hub, on this machine
 * @param fromMs how long a connection lasts at least
 * @param toMs how long it lasts at most
 * @returns the proxy, which listens on this machine
 */
export async function breakingProxy(target: number, fromMs = 20, toMs = 170): Promise<BreakingProxy> {
  const sockets = new Set<Socket>();
  let count = 0;
  let breaks = 0;
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
    let [seen, postponements] = [0, 0];
    const breakOne = (): void => {
      const passed = near.bytesRead + far.bytesRead;
      const busy = passed - seen > PROGRESS.bulk && passed < PROGRESS.bytes && !near.destroyed;
      seen = passed;
      if (busy && postponements++ < PROGRESS.postponements) {
        breakSoon();
        return;
      }
      if (!near.destroyed) breaks++;
      (chance() < 0.5 ? near : far).destroy();
    };
    const breakSoon = (): void => void setTimeout(breakOne, fromMs + chance() * (toMs - fromMs)).unref();
    let answers = 0;
    if (++count % 3 === 0) breakSoon();
    else far.on('data', () => ++answers === ANSWERS && breakSoon());
  }).listen(0, '127.0.0.1');
  server.unref();
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    breaks: () => breaks,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
