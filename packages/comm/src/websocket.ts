/**
 * `@tacit/comm/websocket`: the transport between processes and machines, for Node.js.
 *
 * Members that listen open a hub first (`listen`), tell the others its address by other means, then all call
 * `webSocketTransport` with the same session id, token and list of addresses. Between machines use `wss:`:
 * without TLS the members are authenticated, but what they send can be read and altered on the way.
 */
import { once } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import { WebSocket } from 'ws';
import { dial, planLinks } from './dial.js';
import { CommArgumentError, HandshakeError } from './errors.js';
import { checkCredentials } from './handshake.js';
import type { MessageSocket } from './message-socket.js';
import { NodeSocket, type SocketSettings, socketOptions } from './node-socket.js';
import { SocketTransport } from './socket-transport.js';
import type { Transport } from './transport.js';
import type { Joined, WebSocketHub } from './websocket-hub.js';

export { type HubStats, type ListenOptions, listen, type WebSocketHub } from './websocket-hub.js';

export interface WebSocketTransportOptions extends SocketSettings {
  readonly rank: number;
  readonly size: number;
  /** `ws:` or `wss:` address by rank; empty for a member that cannot listen, which then dials the others. */
  readonly addresses: readonly (string | undefined)[];
  /** The own hub; needed if anybody dials this member. Its owner closes it. */
  readonly hub?: WebSocketHub;
  /** Random secret of the session, at least 16 bytes, the same for all members. */
  readonly token: Uint8Array;
  readonly sessionId: string;
  /** Trust for `wss:`, e.g. `{ ca }`. */
  readonly tls?: ConnectionOptions;
  /** How long members may take to appear. Default 30 s. */
  readonly connectTimeoutMs?: number;
}

/** What a listener may send before it has proved itself; its first frames may come right after the proof. */
const UNPROVEN_BYTES = 2 ** 20;

/**
 * Connects to all other members. Rejects with PeerUnreachableError (rank and address), HandshakeError or
 * CommArgumentError; nothing stays open then.
 */
export async function webSocketTransport(options: WebSocketTransportOptions): Promise<Transport> {
  const { rank, size, addresses, hub, token, sessionId, connectTimeoutMs: timeoutMs = 30_000 } = options;
  checkCredentials(sessionId, token);
  const plan = planLinks(rank, size, addresses);
  if (plan.await.length > 0 && hub === undefined)
    throw new CommArgumentError(`rank ${rank} has an address that others dial, but no hub`);

  const canceller = new AbortController();
  const { signal } = canceller;
  const sockets = new Map<number, MessageSocket>();
  let joined: Joined | undefined;
  const dialing = plan.dial.map(async (peer) => {
    const hello = { sessionId, from: rank, to: peer, size };
    const address = addresses[peer] ?? '';
    sockets.set(peer, await dial({ address, hello, token, timeoutMs, signal, open: opener(options) }));
  });
  const joining = async (): Promise<void> => {
    if (hub === undefined || plan.await.length === 0) return;
    joined = await hub.join({ sessionId, token, rank, size, expect: plan.await, timeoutMs, signal });
    for (const [peer, socket] of joined.sockets) sockets.set(peer, socket);
  };
  const all = [...dialing, joining()];
  try {
    await Promise.all(all);
  } catch (error) {
    canceller.abort(error);
    await Promise.allSettled(all);
    joined?.leave();
    for (const socket of sockets.values()) socket.destroy();
    throw error;
  }
  const { maxPayloadBytes: maxFrameBytes } = options;
  return new SocketTransport({ rank, size, sockets, maxFrameBytes, onClosed: () => joined?.leave() });
}

const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ALTNAME/;

function opener(options: WebSocketTransportOptions) {
  return async (address: string, signal: AbortSignal): Promise<MessageSocket> => {
    const raw = new WebSocket(address, { ...options.tls, ...socketOptions(options) });
    const socket = new NodeSocket(raw, options);
    raw.on('upgrade', (response) => socket.distrust(response.socket, UNPROVEN_BYTES, () => {}));
    try {
      await once(raw, 'open', { signal });
    } catch (error) {
      socket.destroy();
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (CERTIFICATE_ERROR.test(code)) throw new HandshakeError('certificate', String(error));
      throw error;
    }
    return socket;
  };
}
