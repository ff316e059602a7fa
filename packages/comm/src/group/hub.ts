/**
 * The listening side of groups over WebSockets: one server, any number of sessions.
 *
 * A connection has 5 seconds and 4 KiB to prove that it belongs to a session that is forming here (`door.ts`); all
 * others are dropped and counted, and no session notices them. A web page is not let in unless its origin is allowed.
 * A peer that cannot prove itself does not hear what would have been wrong with its hello: it may find out that a
 * session with an id that it knows forms here, and not of how many members, nor which of them.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { WebSocketServer } from 'ws';
import { abortable } from '../abortable.js';
import type { Channel } from '../channel/channel.js';
import { NodeWebSocketChannel, type SocketSettings, socketOptions } from '../channel/node-websocket.js';
import { CommArgumentError, CommClosedError, HandshakeError, PeerUnreachableError } from '../errors.js';
import { decoy } from '../secure/decoy.js';
import {
  type Opening,
  REFUSALS,
  type Refusal,
  readOpening,
  refuse,
  type SecureLayer,
} from '../secure/secure-layer.js';
import { Door, type DoorSettings, type Rejection } from './door.js';

export interface ListenOptions extends SocketSettings, DoorSettings {
  /** Default 127.0.0.1: this machine only. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Key and certificate; without them the hub speaks unencrypted `ws:`. */
  tls?: TlsOptions;
  /** Origins of web pages that may connect, e.g. `https://app.example`. Default none: pages are refused. */
  allowedOrigins?: readonly string[];
}

/** How many connections a hub has let in and turned away, and why. */
export interface HubStats {
  accepted: number;
  rejected: number;
  readonly reasons: Partial<Record<Rejection, number>>;
}

export interface JoinOptions {
  readonly sessionId: string;
  readonly layer: SecureLayer;
  readonly rank: number;
  readonly size: number;
  /** The members that will connect. */
  readonly expect: readonly number[];
  /** Whether members may come back later: then the session stays known until `leave`. */
  readonly resumable: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The connections of one member in one session. */
export interface Joined {
  readonly channels: ReadonlyMap<number, Channel>;
  /** Calls back for a member that connects again from now on; only in resumable sessions. */
  onReturn(handler: (from: number, channel: Channel) => void): void;
  /** Forgets the session; connections stay. */
  leave(): void;
}

interface Session {
  readonly options: JoinOptions;
  readonly channels: Map<number, Channel>;
  /** What those channels stand on. */
  readonly sockets: Map<number, NodeWebSocketChannel>;
  /** Everybody came: what is left of the session is its name, and the way back for members that lost a connection. */
  formed: boolean;
  onReturn: ((from: number, channel: Channel) => void) | undefined;
  onArrival(): void;
  fail(error: Error): void;
}

const UNAUTHENTICATED_BYTES = 4096;
/** How long a member that is here already may take to show it when another one says to be it. */
const CHALLENGE_MS = 2000;

/**
 * Starts a hub. Rejects with the error of the operating system if the address cannot be had.
 * @param options where to listen, for whom, and how patiently
 * @returns the hub, which listens until it is closed
 */
export async function listen(options: ListenOptions = {}): Promise<WebSocketHub> {
  const timeoutMs = options.helloTimeoutMs ?? 5000;
  const server: Server = options.tls
    ? createTlsServer({ ...options.tls, handshakeTimeout: timeoutMs })
    : createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return new WebSocketHub(server, options);
}

export class WebSocketHub {
  readonly host: string;
  readonly port: number;
  /** `ws://host:port` or `wss://host:port`, as bound. */
  readonly address: string;
  readonly stats: HubStats = { accepted: 0, rejected: 0, reasons: {} };
  readonly #server: Server;
  readonly #settings: ListenOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #door: Door;
  #closed = false;

  /**
   * For `listen`.
   * @param server which listens already
   * @param settings of the door and of sockets
   */
  constructor(server: Server, settings: ListenOptions) {
    this.#server = server;
    this.#settings = settings;
    this.#door = new Door(settings, (reason) => this.#count(reason));
    const { address, port, family } = server.address() as AddressInfo;
    this.host = address;
    this.port = port;
    this.address = `${settings.tls ? 'wss' : 'ws'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    server.on('request', (_, response) => response.writeHead(426, { connection: 'close' }).end());
    server.on('clientError', (_, socket: Socket) => socket.destroy());
    server.on('error', () => {});
    server.on(settings.tls ? 'secureConnection' : 'connection', (socket: Socket) => this.#door.enter(socket));
    const upgrader = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      ...socketOptions(settings),
    });
    upgrader.on('wsClientError', (_, socket) => socket.destroy());
    server.on('upgrade', (request, duplex, head) => {
      const stream = duplex as Socket; // Of a server on TCP or TLS it is one.
      if (!this.#door.has(stream)) return;
      if (!this.#mayEnter(request)) {
        stream.write('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
        this.#door.turnAway(stream, 'origin');
        return;
      }
      upgrader.handleUpgrade(request, stream, head, (socket) => {
        void this.#receive(new NodeWebSocketChannel(socket, settings), stream);
      });
    });
  }

  /**
   * Waits for the members in `expect`, for `webSocketTransport`. After a failure no connection stays open.
   * @param options the session, this member's place in it, and how long to wait
   * @returns the authenticated channels by rank
   * @throws PeerUnreachableError naming the first that is missing at the timeout, CommArgumentError if this member of the
   *   session is here already, CommClosedError, or the reason of `signal`
   */
  async join(options: JoinOptions): Promise<Joined> {
    const { sessionId, rank, expect, timeoutMs, signal } = options;
    const id = sessionKey(sessionId, rank);
    if (this.#closed) throw new CommClosedError('this hub is closed');
    if (this.#sessions.has(id))
      throw new CommArgumentError(`rank ${rank} of session ${sessionId} is already here`);
    const leave = (): void => void this.#sessions.delete(id);
    const channels = new Map<number, Channel>();
    const missing = (): number | undefined => expect.find((peer) => !isAlive(channels.get(peer)));
    try {
      return await abortable(signal, (resolve, reject) => {
        const session: Session = {
          options,
          channels,
          sockets: new Map(),
          formed: false,
          onReturn: undefined,
          onArrival: () => {
            if (session.formed || missing() !== undefined) return;
            session.formed = true;
            session.fail = leave;
            resolve({
              channels,
              leave,
              onReturn: (handler) => {
                session.onReturn = handler;
              },
            });
          },
          fail: reject,
        };
        this.#sessions.set(id, session);
        const timer = setTimeout(() => {
          const absent = missing() ?? -1;
          reject(new PeerUnreachableError(absent, this.address, timeoutMs, 'it did not connect here'));
        }, timeoutMs);
        session.onArrival();
        return () => clearTimeout(timer);
      });
    } catch (error) {
      leave();
      for (const channel of channels.values()) channel.destroy();
      throw error;
    }
  }

  /** Stops listening and drops unauthenticated peers and sessions that still form. Transports stay connected. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    this.#door.close();
    for (const session of [...this.#sessions.values()])
      session.fail(new CommClosedError('this hub is closed'));
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Browsers say which page opens a connection; programs need not, and do not. */
  #mayEnter({ headers: { origin } }: IncomingMessage): boolean {
    return origin === undefined || (this.#settings.allowedOrigins ?? []).includes(origin);
  }

  #count(reason: Rejection): void {
    this.stats.rejected++;
    this.stats.reasons[reason] = (this.stats.reasons[reason] ?? 0) + 1;
  }

  async #receive(channel: NodeWebSocketChannel, stream: Socket): Promise<void> {
    channel.guard(stream, UNAUTHENTICATED_BYTES, () => {
      if (this.#door.leave(stream)) this.#count('oversized');
    });
    try {
      const opening = await readOpening(channel);
      const session = this.#sessions.get(sessionKey(opening.sessionId, opening.to));
      if (!session || !canProve(opening, session.options.layer)) {
        await decoy(channel, opening);
        return refuse('unknown session');
      }
      const { from } = opening;
      const welcome = isWelcome(opening, session.options);
      const secured = await session.options.layer.respond(channel, opening, () => {
        if (!welcome) return refuse('unknown session');
        // A member that lost its connection while the group formed may come back, in a resumable session always.
        const { formed, onReturn, channels } = session;
        const free = formed ? onReturn !== undefined : !isAlive(channels.get(from));
        // It may have lost its connection and be the only one to know. Who is told `duplicate rank` may try again.
        if (!free) session.sockets.get(from)?.challenge(CHALLENGE_MS);
        if (!free || !this.#door.leave(stream)) return false;
        if (!formed) {
          channels.set(from, channel);
          session.sockets.set(from, channel);
        }
        return true;
      });
      channel.authenticated();
      this.stats.accepted++;
      if (session.formed) return session.onReturn?.(from, secured);
      session.channels.set(from, secured);
      session.onArrival();
    } catch (error) {
      if (!(error instanceof HandshakeError)) return;
      const reason = error.reason as Refusal;
      if (this.#door.leave(stream)) this.#count(reason);
      channel.close(REFUSALS[reason], reason);
      // The other side need not answer the close.
      setTimeout(() => channel.destroy(), 1000).unref();
    }
  }
}

const isWelcome = (opening: Opening, { size, expect, resumable }: JoinOptions): boolean =>
  opening.size === size && opening.resumable === resumable && expect.includes(opening.from);

/** Whether there is anything that the dialer could prove itself by. */
function canProve({ layer, from }: Opening, known: SecureLayer): boolean {
  try {
    known.check(from);
    return layer === known.name;
  } catch {
    return false;
  }
}

const sessionKey = (sessionId: string, rank: number): string => `${rank}/${sessionId}`;

const isAlive = (channel: Channel | undefined): boolean =>
  channel !== undefined && channel.ended === undefined;
