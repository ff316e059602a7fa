/** Transports between members that know each other's certificates, in the ways in which they may be connected. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { resumable } from '@tacit/comm/resumable';
import { fingerprintOf, identityOpener, pinned } from '@tacit/comm/tls';
import {
  listen,
  type WebSocketHub,
  type WebSocketTransportOptions,
  webSocketTransport,
} from '@tacit/comm/websocket';
import { cert, key } from '../../comm/test/test-certificate.js';
import { alice, bob, carol, dave, erin } from '../../comm/test/test-identities.js';
import { type BreakingProxy, breakingProxy, type MakeGroup, transportCompliance } from '../src/index.js';

const members = [alice, bob, carol, dave, erin];
const fingerprints = members.map(({ certificate }) => [fingerprintOf(certificate)]);

const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers) await close();
});

/** A group whose member i has certificate i; its hub is at `addressOf`. */
function group(
  plain: boolean,
  addressOf: (hub: WebSocketHub, rank: number) => Promise<string>,
  options: Partial<WebSocketTransportOptions> = {},
): MakeGroup {
  const hubs: WebSocketHub[] = [];
  const addresses: string[] = [];
  return async (size) => {
    while (hubs.length < size - 1) {
      const hub = await listen({ identity: members[hubs.length], plain });
      closers.push(() => hub.close());
      addresses.push(await addressOf(hub, hubs.length));
      hubs.push(hub);
    }
    const expected = (address: string): string[] => fingerprints[addresses.indexOf(address)];
    const sessionId = crypto.randomUUID();
    const token = crypto.getRandomValues(new Uint8Array(32));
    const secure = pinned({ fingerprints, token });
    return Promise.all(
      members.slice(0, size).map((identity, rank) =>
        webSocketTransport({
          rank,
          size,
          sessionId,
          secure,
          addresses: members.slice(0, size).map((_, i) => addresses[i]),
          hub: hubs[rank],
          open: identityOpener({ identity, fingerprints: expected }),
          ...options,
        }),
      ),
    );
  };
}

/** Ends TLS with another certificate, as a load balancer does. */
async function balanced(hub: WebSocketHub): Promise<string> {
  const server: Server = createServer({ key, cert }, (near) => {
    const far = connect(hub.port, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return `wss://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function breaking(hub: WebSocketHub): Promise<string> {
  const proxy: BreakingProxy = await breakingProxy(hub.port);
  closers.push(() => proxy.close());
  return `${hub.address.split(':')[0]}://127.0.0.1:${proxy.port}`;
}

const direct = async (hub: WebSocketHub): Promise<string> => hub.address;

transportCompliance('TLS', group(false, direct));
transportCompliance('TLS inside, behind a proxy that ends TLS', group(true, balanced));
transportCompliance(
  'TLS, resumable, over connections that break',
  group(false, breaking, { links: resumable({ graceMs: 5000 }) }),
);
