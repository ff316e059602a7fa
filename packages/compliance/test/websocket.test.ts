import { listen, type WebSocketHub, webSocketTransport } from '@tacit/comm/websocket';
import { transportCompliance } from '../src/index.js';

const hubs: WebSocketHub[] = [];
after(() => Promise.all(hubs.map((hub) => hub.close())));

transportCompliance('websocket', async (size) => {
  while (hubs.length < size - 1) hubs.push(await listen());
  const addresses = Array.from({ length: size }, (_, rank) => hubs[rank]?.address);
  const token = crypto.getRandomValues(new Uint8Array(32));
  const sessionId = crypto.randomUUID();
  return Promise.all(
    addresses.map((_, rank) =>
      webSocketTransport({
        rank,
        size,
        addresses,
        hub: hubs[rank],
        token,
        sessionId,
        connectTimeoutMs: 5000,
      }),
    ),
  );
});
