/**
 * `@tacit/comm/websocket`: the transport between processes and machines, for Node.js.
 *
 * Members that listen open a hub first (`listen`), tell the others its address by other means, then all call
 * `webSocketTransport` with the same session id, list of addresses, and token or keys. Between machines use `wss:`, or
 * the encrypting layer of `@tacit/comm/noise`: with a token alone members are authenticated, but what they send can be
 * read and altered on the way.
 */
import type { ConnectionOptions } from 'node:tls';
import { type SocketSettings, webSocketOpener } from './channel/node-websocket.js';
import type { WebSocketHub } from './group/hub.js';
import { connectGroup, type GroupOptions, layerOf } from './group/rendezvous.js';
import { tokenHandshake } from './secure/token-handshake.js';
import type { Transport } from './transport.js';

export { NodeWebSocketChannel, webSocketOpener } from './channel/node-websocket.js';
export { type HubStats, type ListenOptions, listen, type WebSocketHub } from './group/hub.js';
export type { GroupOptions } from './group/rendezvous.js';
export { nodeAead } from './secure/noise/node-aead.js';
export type { SecureLayer, Token } from './secure/secure-layer.js';

export interface WebSocketTransportOptions extends GroupOptions, SocketSettings {
  /** This member's hub; needed if anybody dials this member. Its owner closes it. */
  readonly hub?: WebSocketHub;
  /** Trust for `wss:`, e.g. `{ ca }`. */
  readonly tls?: ConnectionOptions;
}

/**
 * Connects to all other members.
 * @param options the same session, addresses and secret at all members, and the rank of this one
 * @returns the transport, for a `Communicator`
 * @throws PeerUnreachableError (rank and address), HandshakeError, CommArgumentError; nothing stays open then
 */
export async function webSocketTransport(options: WebSocketTransportOptions): Promise<Transport> {
  const { hub, rank, size, sessionId, maxPayloadBytes: maxFrameBytes } = options;
  const layer = layerOf(options, tokenHandshake);
  return connectGroup({
    ...options,
    layer,
    open: webSocketOpener(options),
    join: hub && ((awaited) => hub.join({ ...awaited, layer, rank, size, sessionId })),
    maxFrameBytes,
  });
}
