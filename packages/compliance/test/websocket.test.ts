import { type NoiseKeys, noise, noiseKeys } from '@tacit/comm/noise';
import { resumable } from '@tacit/comm/resumable';
import {
  listen,
  nodePrimitives,
  type WebSocketHub,
  type WebSocketTransportOptions,
  webSocketTransport,
} from '@tacit/comm/websocket';
import { type BreakingProxy, breakingProxy, type MakeGroup, transportCompliance } from '../src/index.js';

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

async function proxied(hub: WebSocketHub): Promise<string> {
  const at = hubs.indexOf(hub);
  proxies[at] ??= await breakingProxy(hub.port);
  return `ws://127.0.0.1:${proxies[at].port}`;
}

transportCompliance(
  'websocket',
  group((_, token) => ({ token })),
);
transportCompliance(
  'websocket, noise with keys',
  group((rank) => ({ secure: noise({ keys: keys(rank), primitives: nodePrimitives }) })),
);
transportCompliance(
  'websocket, noise with a token, resumable',
  group((_, token) => ({
    secure: noise({ token, primitives: nodePrimitives }),
    links: resumable({ graceMs: 300 }),
  })),
);
transportCompliance(
  'websocket, resumable, over connections that break',
  group((_, token) => ({ token, links: resumable({ graceMs: 5000 }) }), proxied),
);
