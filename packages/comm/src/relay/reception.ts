/**
 * Where connections to a relay come in: each stands at the door from its first byte on, before any TLS, hears a
 * challenge, and has a few seconds and KiB to prove who it is.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { type SocketSettings, socketOptions } from '../channel/node-websocket.js';
import { isTls } from '../channel/tls-facts.js';
import { Door, type DoorSettings, type Rejection } from '../group/door.js';
import { Guest } from './guest.js';
import { isFingerprint } from './identity.js';
import { isVisitorId, MAX_GREETING_BYTES, parseProof, RELAY_VERSION } from './messages.js';
import { verifiedFingerprint, type Wish } from './proof.js';
import type { RelayRefusal } from './refusals.js';

export interface ReceptionOptions extends Omit<SocketSettings, 'maxPayloadBytes'>, DoorSettings {
  /** Default 127.0.0.1: this machine only. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Key and certificate. Without them the relay serves `ws:`, for use behind a proxy that ends TLS. */
  tls?: TlsOptions;
  /** Origins of web pages that may connect. Default none. */
  allowedOrigins?: readonly string[];
}

/** What a reception needs to know and reports. */
export interface Host {
  readonly maxMessageBytes: number;
  /** Whether the relay is dialed by this name. */
  isName(dialed: string): boolean;
  /** Whether it takes connections at the moment. */
  isOpen(): boolean;
  /** A guest that has proved who it is, or none that counts. */
  onGuest(guest: Guest): void;
  onRefused(reason: RelayRefusal | Rejection, fingerprint?: string): void;
}

/** How long somebody who is sent away may take to hang up. */
const FAREWELL_MS = 1000;
/** What a listener says is short. */
const MAX_LISTENER_MESSAGE = 1024;
const MAX_PENDING_PONGS = 16;

export class Reception {
  readonly server: Server;
  readonly guests = new Set<Guest>();
  readonly #options: ReceptionOptions;
  readonly #host: Host;
  readonly #door: Door;
  /** The connections below TLS, by where they come from. */
  readonly #visitors = new Map<string, Socket>();
  readonly #listeners: WebSocketServer;
  readonly #others: WebSocketServer;

  /** Prepares; the caller lets the server listen. */
  constructor(options: ReceptionOptions, host: Host) {
    this.#options = options;
    this.#host = host;
    this.#door = new Door(options, (reason) => host.onRefused(reason));
    const { tls, helloTimeoutMs: handshakeTimeout = 5000 } = options;
    this.server = tls ? createTlsServer({ minVersion: 'TLSv1.2', ...tls, handshakeTimeout }) : createServer();
    this.#listeners = this.#upgrader(MAX_LISTENER_MESSAGE + MAX_GREETING_BYTES);
    this.#others = this.#upgrader(Math.max(host.maxMessageBytes, MAX_GREETING_BYTES));
    this.server.on('request', (request, response) => this.#answer(request, response));
    this.server.on('clientError', (_, socket: Socket) => socket.destroy());
    this.server.on('error', () => {});
    this.server.on('connection', (socket: Socket) => this.#arrive(socket));
    this.server.on('upgrade', (request, duplex, head) => this.#upgrade(request, duplex as Socket, head));
  }

  /** Takes no more connections, and drops those that have not proved anything. */
  close(): void {
    this.server.close();
    this.#door.close();
  }

  /** Waits until everybody has hung up, and no longer than a farewell takes. */
  async empty(): Promise<void> {
    const guests = [...this.guests];
    const closed = guests.map(
      ({ socket }) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    const timer = setTimeout(() => {
      for (const { socket } of guests) socket.terminate();
    }, FAREWELL_MS);
    await Promise.all(closed);
    clearTimeout(timer);
  }

  #upgrader(maxPayloadBytes: number): WebSocketServer {
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      ...socketOptions({ ...this.#options, maxPayloadBytes }),
      ...{ maxPendingAutoPongs: MAX_PENDING_PONGS },
    });
    server.on('wsClientError', (_, socket) => socket.destroy());
    return server;
  }

  /** For probes of a load balancer, which see whether the process lives and takes connections. */
  #answer({ url }: IncomingMessage, response: ServerResponse): void {
    const status = url === '/livez' ? 200 : url !== '/readyz' ? 426 : this.#host.isOpen() ? 200 : 503;
    response.writeHead(status, { connection: 'close' }).end();
  }

  #arrive(socket: Socket): void {
    const from = addressOf(socket);
    this.#visitors.set(from, socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#visitors.get(from) === socket) this.#visitors.delete(from);
      this.#door.dropped(socket);
    });
    this.#door.enter(socket, socket.remoteAddress ?? '');
  }

  #upgrade(request: IncomingMessage, stream: Socket, head: Buffer): void {
    const visitor = isTls(stream) ? this.#visitors.get(addressOf(stream)) : stream;
    stream.on('error', () => {});
    if (visitor === undefined || !this.#door.has(visitor)) {
      stream.destroy();
      return;
    }
    const wish = wishOf(request.url ?? '');
    const [status, reason] = this.#objection(request, wish) ?? [];
    if (wish === undefined || status !== undefined) {
      this.#door.leave(visitor);
      this.#host.onRefused(reason ?? 'malformed');
      stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      setTimeout(() => visitor.destroy(), FAREWELL_MS).unref();
      return;
    }
    const upgrader = wish.role === 'listen' ? this.#listeners : this.#others;
    upgrader.handleUpgrade(request, stream, head, (socket) => this.#challenge(socket, visitor, stream, wish));
  }

  /** What HTTP can say about a request. */
  #objection(
    { headers: { origin } }: IncomingMessage,
    wish: Wish | undefined,
  ): [status: string, reason: RelayRefusal | Rejection] | undefined {
    if (origin !== undefined && !this.#options.allowedOrigins?.includes(origin))
      return ['403 Forbidden', 'origin'];
    if (wish === undefined) return ['404 Not Found', 'malformed'];
    return this.#host.isOpen() ? undefined : ['503 Service Unavailable', 'draining'];
  }

  #challenge(socket: WebSocket, visitor: Socket, stream: Socket, wish: Wish): void {
    const guest = new Guest(socket, stream, wish, this.#options);
    this.guests.add(guest);
    socket.once('close', () => this.guests.delete(guest));
    const nonce = randomBytes(32).toString('base64url');
    guest.guard(MAX_GREETING_BYTES, () => {
      this.#refuse(guest, visitor, 'too large');
      guest.destroy();
    });
    guest.onMessage = (data, binary) => {
      guest.onMessage = () => {};
      const proof = binary ? undefined : parseProof(data.toString());
      if (proof === undefined) return this.#refuse(guest, visitor, 'malformed');
      if (proof === 'other version')
        return this.#refuse(guest, visitor, 'wrong version', `it speaks version ${RELAY_VERSION}`);
      const { certificate, relay, signature } = proof;
      const fingerprint = verifiedFingerprint({ ...wish, relay, nonce }, certificate, signature);
      if (fingerprint === undefined) return this.#refuse(guest, visitor, 'wrong proof');
      // After the proof, so that strangers cannot try names.
      if (!this.#host.isName(relay)) return this.#refuse(guest, visitor, 'wrong name');
      if (!this.#door.leave(visitor)) return guest.destroy();
      guest.fingerprint = fingerprint;
      this.#host.onGuest(guest);
    };
    guest.say({ type: 'challenge', version: RELAY_VERSION, nonce });
  }

  #refuse(guest: Guest, visitor: Socket, reason: RelayRefusal, detail = ''): void {
    if (!this.#door.leave(visitor)) return;
    this.#host.onRefused(reason);
    guest.refuse(reason, detail);
  }
}

/** Which is no other connection's at the same time. */
const addressOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/** What a path asks for. A relay may have a path of its own before, if what stands before it keeps that. */
function wishOf(url: string): Wish | undefined {
  const parts = url.split('?', 1)[0]?.split('/') ?? [];
  const last = parts.at(-1) ?? '';
  if (last === 'listen') return { role: 'listen', target: '' };
  const role = parts.at(-2);
  if (role === 'to' && isFingerprint(last)) return { role, target: last };
  if (role === 'accept' && isVisitorId(last)) return { role, target: last };
  return undefined;
}
