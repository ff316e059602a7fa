import { once } from 'node:events';
import { PortChannel } from '@tacit/comm';
import type { Channel } from '@tacit/comm/layers';
import { fingerprintOf, identityOpener, tlsClient, tlsServer } from '@tacit/comm/tls';
import { listen, NodeWebSocketChannel, type WebSocketHub, webSocketOpener } from '@tacit/comm/websocket';
import { type WebSocket, WebSocketServer } from 'ws';
import { alice, bob } from '../../comm/test/test-identities.js';
import { channelCompliance, Wire } from '../src/index.js';

channelCompliance('message port', async () => {
  const { port1, port2 } = new MessageChannel();
  return [new PortChannel(port1), new PortChannel(port2)];
});

channelCompliance('wire of tests', async () => new Wire({ delayMs: 2 }).ends);

channelCompliance('TLS inside a wire', async () => {
  const [near, far] = new Wire({ delayMs: 1 }).ends;
  return Promise.all([tlsClient(near, bob), tlsServer(far, alice)]);
});

describe('channels of a hub with an identity', () => {
  const hubs: WebSocketHub[] = [];
  after(() => Promise.all(hubs.map((hub) => hub.close())));

  for (const [name, plain] of [
    ['TLS', false],
    ['TLS inside a websocket', true],
  ] as const) {
    let onControl: (channel: Channel) => void = () => {};
    let hub: WebSocketHub;
    before(async () => {
      hub = await listen({ identity: alice, plain, onControl: (channel) => onControl(channel) });
      hubs.push(hub);
    });
    channelCompliance(name, async () => {
      const accepted = new Promise<Channel>((resolve) => {
        onControl = resolve;
      });
      const expected = [fingerprintOf(alice.certificate)];
      const open = identityOpener({ identity: bob, fingerprints: () => expected });
      const dialed = await open(hub.address, new AbortController().signal);
      dialed.send('{"type":"control","version":1}');
      const pair = [dialed, await accepted] as const;
      for (const channel of pair) channel.authenticated?.();
      return pair;
    });
  }
});

describe('channels of Node.js', () => {
  let server: WebSocketServer;
  before(async () => {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
  });
  after(() => server.close());

  channelCompliance('websocket', async () => {
    const { port } = server.address() as { port: number };
    const accepted = once(server, 'connection').then(
      ([socket]): Channel => new NodeWebSocketChannel(socket as WebSocket, {}),
    );
    const dialed = webSocketOpener({})(`ws://127.0.0.1:${port}`, new AbortController().signal);
    const pair = await Promise.all([dialed, accepted]);
    // As a handshake would end: the limit on unauthenticated peers holds until then.
    for (const channel of pair) channel.authenticated?.();
    return pair;
  });
});
