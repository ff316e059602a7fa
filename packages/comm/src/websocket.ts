/**
 * `@tacit/comm/websocket`: the transport between processes and machines, for Node.js.
 *
 * Members that listen open a hub first (`listen`), tell the others its address by other means, then all call
 * `webSocketTransport` with the same session id, list of addresses, and token or keys. Between machines use `wss:`, or
 * the encrypting layer of `@tacit/comm/noise`: with a token alone members are authenticated, but what they send can be
 * read and altered on the way.
 */
import { type OpenerSettings, webSocketOpener } from './channel/node-websocket.js';
import type { Open } from './channel/open.js';
import type { JoinOptions, WebSocketHub } from './group/hub.js';
import {
  connectGroup,
  connectLinks,
  type GroupLinks,
  type GroupOptions,
  layerOf,
} from './group/rendezvous.js';
import { tokenHandshake } from './secure/token-handshake.js';
import type { Transport } from './transport.js';

export { NodeWebSocketChannel, type SocketSettings, webSocketOpener } from './channel/node-websocket.js';
export type { Open } from './channel/open.js';
export {
  CONTROL_VERSION,
  type GuestDoor,
  type HubStats,
  hubWithoutListening,
  type ListenOptions,
  listen,
  type WebSocketHub,
} from './group/hub.js';
export type { GroupLinks, GroupOptions } from './group/rendezvous.js';
export { nodePrimitives } from './secure/noise/node-primitives.js';
export type { SecureLayer, Token } from './secure/secure-layer.js';

/** What members in Node.js have to say. */
export interface WebSocketTransportOptions extends GroupOptions, OpenerSettings {
  /** This member's hub; needed if anybody dials this member. Its owner closes it. */
  readonly hub?: WebSocketHub;
  /** What opens connections, e.g. `identityOpener` of `@tacit/comm/tls`. Default: WebSockets, with trust by `tls`. */
  readonly open?: Open;
}

/**
 * Connects to all other members.
 * @param options the same session, addresses and secret at all members, and the rank of this one
 * @returns the transport, for a `Communicator`
 * @throws PeerUnreachableError (rank and address), HandshakeError, CommArgumentError; nothing stays open then
 */
export async function webSocketTransport(options: WebSocketTransportOptions): Promise<Transport> {
  return connectGroup(withHub(options));
}

/**
 * The same without a transport: for programs whose transport lives elsewhere, such as in another thread.
 * @param options as of `webSocketTransport`
 * @returns the channel to each other member, without a listener, and `leave` for when none of them is needed any more
 * @throws the same
 */
export async function connectChannels(options: WebSocketTransportOptions): Promise<GroupLinks> {
  return connectLinks(withHub(options));
}

type Expected = Pick<JoinOptions, 'expect' | 'resumable' | 'timeoutMs' | 'signal'>;

function withHub(options: WebSocketTransportOptions) {
  const { hub, rank, size, sessionId, maxPayloadBytes: maxFrameBytes } = options;
  const layer = layerOf(options, tokenHandshake);
  return {
    ...options,
    layer,
    open: options.open ?? webSocketOpener(options),
    join: hub && ((awaited: Expected) => hub.join({ ...awaited, layer, rank, size, sessionId })),
    maxFrameBytes,
  };
}
