/**
 * The listening side of the WebSocket transport: one server, any number of sessions, strangers kept out.
 *
 * Whoever connects has 5 seconds and 4 KiB to prove that it belongs to a session that is forming here. All
 * others are dropped and counted; a session never notices them.
 */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { WebSocketServer } from 'ws';
import { CommArgumentError, CommClosedError, HandshakeError, PeerUnreachableError } from './errors.js';
import { checkCredentials, type Hello, REFUSALS, type Refusal, receiveGuest } from './handshake.js';
import type { MessageSocket } from './message-socket.js';
import { NodeSocket, type SocketSettings, socketOptions } from './node-socket.js';

export interface ListenOptions extends SocketSettings {
  /** Default 127.0.0.1: this machine only. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Key and certificate; without them the hub speaks unencrypted `ws:`. */
  tls?: TlsOptions;
  /** How long a stranger may take to prove itself. Default 5 s. */
  helloTimeoutMs?: number;
  /** How many strangers may be in the door at the same time. Default 256. */
  maxStrangers?: number;
}

/** How many connections a hub has let in and turned away, and why. `dropped`: it hung up or spoke no WebSocket. */
export interface HubStats {
  accepted: number;
  rejected: number;
  readonly reasons: Partial<Record<Refusal | 'dropped', number>>;
}

export interface JoinOptions {
  readonly sessionId: string;
  readonly token: Uint8Array;
  readonly rank: number;
  readonly size: number;
  /** The members that will connect. */
  readonly expect: readonly number[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The connections of one member in one session. */
export interface Joined {
  readonly sockets: ReadonlyMap<number, MessageSocket>;
  /** Forgets the session; connections stay. */
  leave(): void;
}

interface Session {
  readonly options: JoinOptions;
  readonly sockets: Map<number, NodeSocket>;
  onArrival(): void;
  fail(error: Error): void;
}

const STRANGER_BYTES = 4096;

/** Starts a hub. Rejects with the error of the operating system if the address cannot be had. */
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
  /** Connections that have not proved themselves yet, and their timers. */
  readonly #strangers = new Map<Socket, ReturnType<typeof setTimeout>>();
  #closed = false;

  /** For `listen`. */
  constructor(server: Server, settings: ListenOptions) {
    this.#server = server;
    this.#settings = settings;
    const { address, port, family } = server.address() as AddressInfo;
    this.host = address;
    this.port = port;
    this.address = `${settings.tls ? 'wss' : 'ws'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    server.on('request', (_, response) => response.writeHead(426, { connection: 'close' }).end());
    server.on('clientError', (_, socket: Socket) => socket.destroy());
    server.on('error', () => {});
    server.on(settings.tls ? 'secureConnection' : 'connection', (socket: Socket) => this.#watch(socket));
    const upgrader = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      ...socketOptions(settings),
    });
    upgrader.on('wsClientError', (_, socket) => socket.destroy());
    server.on('upgrade', (request, duplex, head) => {
      const stream = duplex as Socket; // Of a server on TCP or TLS it is one.
      if (!this.#strangers.has(stream)) return;
      upgrader.handleUpgrade(request, stream, head, (socket) => {
        void this.#receive(new NodeSocket(socket, settings), stream);
      });
    });
  }

  /**
   * Waits for the members in `expect`. Rejects with PeerUnreachableError naming the first that is missing at the
   * timeout, CommClosedError, or the reason of `signal`; connections made so far are dropped then.
   */
  join(options: JoinOptions): Promise<Joined> {
    const { sessionId, token, rank, expect, timeoutMs, signal } = options;
    checkCredentials(sessionId, token);
    const id = sessionKey(sessionId, rank);
    if (this.#closed) throw new CommClosedError('this hub is closed');
    if (this.#sessions.has(id))
      throw new CommArgumentError(`rank ${rank} of session ${sessionId} is already here`);
    const leave = (): void => void this.#sessions.delete(id);
    return new Promise((resolve, reject) => {
      const sockets = new Map<number, NodeSocket>();
      const missing = (): number | undefined => expect.find((peer) => !isAlive(sockets.get(peer)));
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onSignal);
      };
      const fail = (error: unknown): void => {
        done();
        leave();
        for (const socket of sockets.values()) socket.destroy();
        reject(error);
      };
      const onSignal = (): void => fail(signal?.reason);
      const onArrival = (): void => {
        if (missing() !== undefined) return;
        done();
        resolve({ sockets, leave });
      };
      const timer = setTimeout(() => {
        const absent = missing() ?? -1;
        fail(new PeerUnreachableError(absent, this.address, timeoutMs, 'it did not connect here'));
      }, timeoutMs);
      if (signal?.aborted) return onSignal();
      signal?.addEventListener('abort', onSignal);
      this.#sessions.set(id, { options, sockets, onArrival, fail });
      onArrival();
    });
  }

  /** Stops listening and drops strangers and sessions that still form. Transports stay connected. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    for (const [stream, timer] of this.#strangers) {
      clearTimeout(timer);
      stream.destroy();
    }
    for (const session of [...this.#sessions.values()])
      session.fail(new CommClosedError('this hub is closed'));
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** From the first byte on, a connection is a stranger with a deadline. */
  #watch(stream: Socket): void {
    stream.on('error', () => {});
    if (this.#closed || this.#strangers.size >= (this.#settings.maxStrangers ?? 256)) {
      this.#count('too many');
      stream.destroy();
      return;
    }
    const timer = setTimeout(() => {
      this.#count('too slow');
      this.#strangers.delete(stream);
      stream.destroy();
    }, this.#settings.helloTimeoutMs ?? 5000);
    this.#strangers.set(stream, timer);
    stream.once('close', () => {
      if (this.#dismiss(stream) && !this.#closed) this.#count('dropped');
    });
  }

  /** Takes `stream` off the list of strangers; false if it was not on it. */
  #dismiss(stream: Socket): boolean {
    clearTimeout(this.#strangers.get(stream));
    return this.#strangers.delete(stream);
  }

  #count(reason: Refusal | 'dropped'): void {
    this.stats.rejected++;
    this.stats.reasons[reason] = (this.stats.reasons[reason] ?? 0) + 1;
  }

  async #receive(socket: NodeSocket, stream: Socket): Promise<void> {
    socket.distrust(stream, STRANGER_BYTES, () => {
      if (this.#dismiss(stream)) this.#count('oversized');
    });
    try {
      const hello = await receiveGuest(socket, (candidate) => this.#admission(candidate, socket, stream));
      socket.authenticated();
      this.stats.accepted++;
      this.#sessions.get(sessionKey(hello.sessionId, hello.to))?.onArrival();
    } catch (error) {
      if (!(error instanceof HandshakeError)) return;
      const reason = error.reason as Refusal;
      if (this.#dismiss(stream)) this.#count(reason);
      socket.close(REFUSALS[reason], reason);
      // A stranger need not answer the close.
      setTimeout(() => socket.destroy(), 1000).unref();
    }
  }

  #admission(hello: Hello, socket: NodeSocket, stream: Socket) {
    const session = this.#sessions.get(sessionKey(hello.sessionId, hello.to));
    const { options, sockets } = session ?? {};
    if (!options || !sockets || hello.size !== options.size || !options.expect.includes(hello.from))
      return undefined;
    const claim = (): boolean => {
      // A member that fell over while the group formed may come back.
      if (isAlive(sockets.get(hello.from)) || !this.#dismiss(stream)) return false;
      sockets.set(hello.from, socket);
      return true;
    };
    return { token: options.token, claim };
  }
}

const sessionKey = (sessionId: string, rank: number): string => `${rank}/${sessionId}`;

const isAlive = (socket: MessageSocket | undefined): boolean =>
  socket !== undefined && socket.ended === undefined;
