/** Peers and networks for the tests of doctor: daemons that answer in all sorts of ways, and what stands before them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { type Channel, readMessage } from '@tacit/comm/layers';
import { type ListenOptions, listen } from '@tacit/comm/websocket';
import { createIdentity, type Identity } from '@tacit/identity';
import { Diagnosis } from '../../src/doctor/answer.js';
import type { PeerToCheck } from '../../src/doctor/peer-to-check.js';
import { networkWays } from '../../src/doctor/ways.js';

export const VERSION = '1.4.2';

/** Undone after each test, the last first. */
const undo: (() => void | Promise<void>)[] = [];

/** For `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
}

export function onCleanUp(step: () => void | Promise<void>): void {
  undo.push(step);
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-doctor-'));
  onCleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const identityOf = (name: string): Promise<Identity> =>
  createIdentity(join(temporaryFolder(), 'home'), { name });

/** How a fake daemon behaves. */
export interface Behaviour {
  /** What it says of its release; null: nothing, as to strangers. */
  readonly release?: string | null;
  /** What its pongs say. */
  readonly version?: string;
  readonly skewMs?: number;
  /** What it does when it is asked for a diagnosis. */
  readonly onDiagnose?: 'serve' | 'hang up' | 'say nothing' | 'refuse';
  readonly bytesPerMinute?: number;
  /** Of its control channels. */
  readonly controlVersion?: number;
}

/** Serves control channels as a daemon would. */
export function fakeDaemon(behaviour: Behaviour = {}): (channel: Channel) => void {
  const {
    release = VERSION,
    version = VERSION,
    skewMs = 0,
    onDiagnose = 'serve',
    controlVersion = 1,
  } = behaviour;
  const diagnosis = new Diagnosis({
    version,
    ...(behaviour.bytesPerMinute !== undefined && { bytesPerMinute: behaviour.bytesPerMinute }),
  });
  return (channel) => {
    channel.authenticated?.();
    const said = release === null ? {} : { release };
    channel.send(JSON.stringify({ type: 'welcome', version: controlVersion, ...said }));
    if (release === null) return;
    readMessage(channel).then(
      () => {
        if (onDiagnose === 'say nothing') return;
        if (onDiagnose === 'hang up') return channel.close(4002, 'violation');
        if (onDiagnose === 'refuse')
          return channel.send(
            JSON.stringify({ type: 'refuse', code: 'DRAINING', reason: 'this process is about to end' }),
          );
        channel.send(JSON.stringify({ type: 'diagnosing' }));
        return diagnosis.serve(skewMs === 0 ? channel : skewed(channel, skewMs), 'the peer');
      },
      () => {},
    );
  };
}

/** Its clock is wrong. */
function skewed(channel: Channel, ms: number): Channel {
  return {
    get ended() {
      return channel.ended;
    },
    listen: (listener) => channel.listen(listener),
    bufferedBytes: () => channel.bufferedBytes(),
    close: (code, reason) => channel.close(code, reason),
    destroy: () => channel.destroy(),
    send: (message) => {
      if (typeof message !== 'string') return channel.send(message);
      const said = JSON.parse(message) as { type: string; time: number };
      channel.send(JSON.stringify(said.type === 'pong' ? { ...said, time: said.time + ms } : said));
    },
  };
}

/** A daemon that listens on loopback; its port. */
export async function listening(
  identity: Identity,
  behaviour: Behaviour = {},
  options: ListenOptions = {},
): Promise<number> {
  const hub = await listen({ ...options, identity, onControl: fakeDaemon(behaviour) });
  onCleanUp(() => hub.close());
  return hub.port;
}

/** Listens on loopback until the test is over; every connection ends with it. */
export async function serve(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onCleanUp(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Takes connections and never says anything. */
export const blackHole = (): Promise<number> => serve(createServer(() => {}));

/** What a proxy of bytes does with them. `down` is what comes from the peer. */
export type Forward = (down: Socket, up: Socket) => void;

const piped: Forward = (down, up) => {
  down.pipe(up);
  up.pipe(down);
};

/** Something on the way that forwards connections to a port. */
export function between(port: number, forward: Forward = piped): Promise<number> {
  return serve(createServer((socket) => join2(socket, connect({ host: '127.0.0.1', port }), forward)));
}

/** Ends TLS with a certificate of its own, and goes on unencrypted, as load balancers do. */
export function tlsProxy(port: number, identity: Identity): Promise<number> {
  const server = createTlsServer({ key: identity.key, cert: identity.certificate }, (socket) =>
    join2(socket, connect({ host: '127.0.0.1', port }), piped),
  );
  server.on('tlsClientError', () => {});
  return serve(server);
}

function join2(socket: Socket, other: Socket, forward: Forward): void {
  socket.on('error', () => other.destroy());
  other.on('error', () => socket.destroy());
  socket.on('close', () => other.destroy());
  other.on('close', () => socket.destroy());
  forward(other, socket);
}

/** An HTTP proxy; `answer` a status to refuse with, or undefined to connect. */
export async function httpProxy(answer?: number): Promise<{ url: string; targets: string[] }> {
  const targets: string[] = [];
  const server = createHttpServer();
  server.on('connect', (request, socket) => {
    targets.push(request.url ?? '');
    if (answer !== undefined) {
      socket.end(`HTTP/1.1 ${answer} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [, , port] = /^(.*):(\d+)$/.exec(request.url ?? '') ?? [];
    const other = connect({ host: '127.0.0.1', port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      join2(socket as Socket, other, piped);
    });
    other.on('error', () => socket.destroy());
  });
  const port = await serve(server);
  return { url: `http://127.0.0.1:${port}`, targets };
}

export const peerAt = (identity: Identity, address: string, name = 'bob'): PeerToCheck => ({
  name,
  role: 'party',
  address,
  fingerprints: [identity.fingerprint],
});

/** The real network, without the proxies of this machine's environment. */
export const waysOf = (identity: Identity, proxy?: string) => ({
  ...networkWays(identity, undefined),
  proxyFor: () => proxy,
});
