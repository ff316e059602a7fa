/**
 * `@tacit/comm/websocket-browser`: the transport of a browser tab, over the browser's own WebSocket.
 *
 * A tab cannot listen, so it has no address and dials everybody; all other members must have one, and allow the page's
 * origin. Everything else is as in Node.js. The browser answers heartbeats by itself.
 */
import type { Channel } from './channel/channel.js';
import { opened, WebSocketChannel } from './channel/websocket-channel.js';
import { connectGroup, type GroupOptions, layerOf } from './group/rendezvous.js';
import type { DialingLayer } from './secure/secure-layer.js';
import { tokenDialer } from './secure/token-handshake.js';
import type { Transport } from './transport.js';

export type { GroupOptions as BrowserTransportOptions } from './group/rendezvous.js';

/**
 * Connects to all other members.
 * @param options the same session, addresses and secret at all members, and the rank of this one
 * @returns the transport, for a `Communicator`
 * @throws PeerUnreachableError (rank and address), HandshakeError, CommArgumentError; nothing stays open then
 */
export async function browserWebSocketTransport(options: GroupOptions): Promise<Transport> {
  return connectGroup({
    ...options,
    layer: layerOf<DialingLayer>(options, tokenDialer),
    join: undefined,
    open,
  });
}

/**
 * Opens a connection; one attempt.
 * @param address `ws:` or `wss:`
 * @param signal gives up
 * @returns the channel, on which nothing has been said
 * @throws the reason of the signal, or that there is no connection: browsers do not say why
 */
export async function open(address: string, signal: AbortSignal): Promise<Channel> {
  const socket = new WebSocket(address);
  const channel = new WebSocketChannel(socket);
  try {
    await opened(socket, signal);
  } catch (error) {
    channel.destroy();
    throw error;
  }
  return channel;
}
