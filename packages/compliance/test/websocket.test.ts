import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type NoiseKeys, noise, noiseKeys } from '@tacit/comm/noise';
import { resumable } from '@tacit/comm/resumable';
import {
  listen,
  nodeAead,
  type WebSocketHub,
  type WebSocketTransportOptions,
  webSocketTransport,
} from '@tacit/comm/websocket';
import { chance, type MakeGroup, transportCompliance } from '../src/index.js';

const hubs: WebSocketHub[] = [];
const proxies: BreakingProxy[] = [];
after(async () => {
  for (const proxy of proxies) proxy.close();
  await Promise.all(hubs.map((hub) => hub.close()));
});

/** A group of processes' transports in this one; `options` by rank are what it is about. */
function group(
  options: (rank: number, token: Uint8Array) => Partial<WebSocketTransportOptions>,
  addressOf = async (hub: WebSocketHub): Promise<string> => hub.address,
): MakeGroup {
  return async (size) => {
    while (hubs.length < size - 1) hubs.push(await listen());
    const addresses = await Promise.all(
      Array.from({ length: size }, (_, rank) => hubs[rank] && addressOf(hubs[rank])),
    );
    const sessionId = crypto.randomUUID();
    const token = crypto.getRandomValues(new Uint8Array(32));
    const common = { size, addresses, sessionId };
    return Promise.all(
      addresses.map((_, rank) =>
        webSocketTransport({ ...common, rank, hub: hubs[rank], ...options(rank, token) }),
      ),
    );
  };
}

const members = Array.from({ length: 5 }, () => noiseKeys());
const keys = (rank: number): NoiseKeys => ({
  secretKey: members[rank].secretKey,
  publicKeys: members.map(({ publicKey }) => publicKey),
});

/** A dialer hears this often from a hub before a link is made: upgrade, challenge, welcome, greeting. */
const ANSWERS = 4;

/**
 * Between members and a hub: breaks each connection at a random moment. The clock starts when the link is made, so that
 * slow machines get as far; only every third connection may break before.
 */
class BreakingProxy {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #count = 0;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => {
      const far = connect(this.#target, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
      const breakSoon = (): void =>
        void setTimeout(() => (chance() < 0.5 ? near : far).destroy(), 20 + chance() * 150).unref();
      let answers = 0;
      if (++this.#count % 3 === 0) breakSoon();
      else far.on('data', () => ++answers === ANSWERS && breakSoon());
    }).listen(0, '127.0.0.1');
    this.#server.unref();
  }

  async start(): Promise<this> {
    await once(this.#server, 'listening');
    return this;
  }

  get address(): string {
    return `ws://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function proxied(hub: WebSocketHub): Promise<string> {
  const at = hubs.indexOf(hub);
  proxies[at] ??= await new BreakingProxy(hub.port).start();
  return proxies[at].address;
}

transportCompliance(
  'websocket',
  group((_, token) => ({ token })),
);
transportCompliance(
  'websocket, noise with keys',
  group((rank) => ({ secure: noise({ keys: keys(rank), aead: nodeAead }) })),
);
transportCompliance(
  'websocket, noise with a token, resumable',
  group((_, token) => ({ secure: noise({ token, aead: nodeAead }), links: resumable({ graceMs: 300 }) })),
);
transportCompliance(
  'websocket, resumable, over connections that break',
  group((_, token) => ({ token, links: resumable({ graceMs: 5000 }) }), proxied),
);
