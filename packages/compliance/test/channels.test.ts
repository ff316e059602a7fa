import { once } from 'node:events';
import { PortChannel } from '@tacit/comm';
import type { Channel } from '@tacit/comm/layers';
import { NodeWebSocketChannel, webSocketOpener } from '@tacit/comm/websocket';
import { type WebSocket, WebSocketServer } from 'ws';
import { channelCompliance, Wire } from '../src/index.js';

channelCompliance('message port', async () => {
  const { port1, port2 } = new MessageChannel();
  return [new PortChannel(port1), new PortChannel(port2)];
});

channelCompliance('wire of tests', async () => new Wire({ delayMs: 2 }).ends);

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
