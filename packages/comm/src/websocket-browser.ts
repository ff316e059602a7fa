/**
 * `@tacit/comm/websocket-browser`: the transport of a browser tab, over the browser's own WebSocket.
 *
 * A tab cannot listen, so it has no address and dials everybody; all other members must have one. The handshake
 * is that of the Node.js transport. The browser answers heartbeats by itself.
 */
import { dial, planLinks } from './dial.js';
import { CommArgumentError } from './errors.js';
import { checkCredentials } from './handshake.js';
import { endOf, GOODBYE_CODE, MessageSocket } from './message-socket.js';
import { SocketTransport } from './socket-transport.js';
import type { Transport } from './transport.js';

export interface BrowserTransportOptions {
  readonly rank: number;
  readonly size: number;
  /** `ws:` or `wss:` address by rank; empty for this member. */
  readonly addresses: readonly (string | undefined)[];
  /** Random secret of the session, at least 16 bytes, the same for all members. */
  readonly token: Uint8Array;
  readonly sessionId: string;
  /** How long members may take to appear. Default 30 s. */
  readonly connectTimeoutMs?: number;
}

/**
 * Connects to all other members. Rejects with PeerUnreachableError (rank and address), HandshakeError or
 * CommArgumentError; nothing stays open then.
 */
export async function browserWebSocketTransport(options: BrowserTransportOptions): Promise<Transport> {
  const { rank, size, addresses, token, sessionId, connectTimeoutMs: timeoutMs = 30_000 } = options;
  checkCredentials(sessionId, token);
  const plan = planLinks(rank, size, addresses);
  if (plan.await.length > 0)
    throw new CommArgumentError('a browser cannot listen: leave its own address empty');
  const canceller = new AbortController();
  const { signal } = canceller;
  const sockets = new Map<number, MessageSocket>();
  const dialing = plan.dial.map(async (peer) => {
    const hello = { sessionId, from: rank, to: peer, size };
    sockets.set(peer, await dial({ address: addresses[peer] ?? '', hello, token, timeoutMs, signal, open }));
  });
  try {
    await Promise.all(dialing);
  } catch (error) {
    canceller.abort(error);
    await Promise.allSettled(dialing);
    for (const socket of sockets.values()) socket.destroy();
    throw error;
  }
  return new SocketTransport({ rank, size, sockets });
}

class BrowserSocket extends MessageSocket {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => this.arrived(data));
    socket.addEventListener('close', ({ code, reason }) => this.finished(endOf(code, reason)));
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message);
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** A page may only give code 1000 and those from 3000 on. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** A page cannot cut a connection; a close without the words of a goodbye says the same. */
  destroy(): void {
    this.#socket.close(GOODBYE_CODE, '');
    this.finished(endOf(1006, ''));
  }
}

function open(address: string, signal: AbortSignal): Promise<MessageSocket> {
  return new Promise((resolve, reject) => {
    const raw = new WebSocket(address);
    const socket = new BrowserSocket(raw);
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort);
    const settle = (): void => signal.removeEventListener('abort', onAbort);
    raw.addEventListener('open', () => {
      settle();
      resolve(socket);
    });
    raw.addEventListener('error', () => {
      settle();
      reject(new Error('the connection failed; a browser does not say why'));
    });
  });
}
