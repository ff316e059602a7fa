/**
 * The server of a hub: WebSockets over TCP or TLS. Every connection stands at the door from its first byte on, before any
 * TLS, and leaves it when it has proved itself.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { WebSocketServer } from 'ws';
import { NodeWebSocketChannel, type SocketSettings, socketOptions } from '../channel/node-websocket.js';
import { isTls, tlsFacts } from '../channel/tls-facts.js';
import type { TlsIdentity } from '../tls/tls-identity.js';
import type { Door } from './door.js';

export interface HubServerOptions extends SocketSettings {
  /** Default 127.0.0.1: this machine only. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Key and certificate of a server that says by a public certificate who it is; for members with tokens, or pages. */
  tls?: TlsOptions;
  /**
   * Key and certificate that peers know by its fingerprint. The hub serves `wss:` with it and asks for theirs, and speaks
   * TLS inside connections whose own TLS somebody else has ended, or that have none.
   */
  identity?: TlsIdentity;
  /** With an identity: serves `ws:`, behind a proxy that ends TLS. What is said inside is encrypted nevertheless. */
  plain?: boolean;
  /** Origins of web pages that may connect, e.g. `https://app.example`. Default none: pages are refused. */
  allowedOrigins?: readonly string[];
  helloTimeoutMs?: number;
}

/** Whether the server ends TLS itself. */
export const isEncrypted = ({ tls, identity, plain }: HubServerOptions): boolean =>
  tls !== undefined || (identity !== undefined && plain !== true);

/** What serves; it does not listen yet. */
export function createHubServer(options: HubServerOptions): Server {
  const { tls, identity, helloTimeoutMs: handshakeTimeout = 5000 } = options;
  if (!isEncrypted(options)) return createServer();
  if (tls !== undefined || identity === undefined) return createTlsServer({ ...tls, handshakeTimeout });
  return createTlsServer({
    key: identity.key,
    cert: identity.certificate,
    minVersion: 'TLSv1.3',
    // Certificates are known by their fingerprints, not by who has signed them.
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout,
  });
}

/**
 * Puts the connections of a server at the door and makes channels of them.
 * @param server one of `createHubServer`
 * @param options the same
 * @param door where connections wait
 * @param onChannel gets the channel, the TCP connection that is the visitor, and what the channel reads from
 */
export function serveChannels(
  server: Server,
  options: HubServerOptions,
  door: Door,
  onChannel: (channel: NodeWebSocketChannel, visitor: Socket, stream: Socket) => void,
): void {
  const visitors = new Map<string, Socket>();
  server.on('request', (_, response) => response.writeHead(426, { connection: 'close' }).end());
  server.on('clientError', (_, socket: Socket) => socket.destroy());
  server.on('error', () => {});
  server.on('connection', (socket: Socket) => {
    // Of a server with TLS this is the connection below it.
    const from = addressOf(socket);
    visitors.set(from, socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      if (visitors.get(from) === socket) visitors.delete(from);
      door.dropped(socket);
    });
    door.enter(socket, socket.remoteAddress ?? '');
  });
  const upgrader = new WebSocketServer({ noServer: true, clientTracking: false, ...socketOptions(options) });
  upgrader.on('wsClientError', (_, socket) => socket.destroy());
  server.on('upgrade', (request, duplex, head) => {
    const stream = duplex as Socket; // Of a server on TCP or TLS it is one.
    const visitor = isTls(stream) ? visitors.get(addressOf(stream)) : stream;
    stream.on('error', () => {});
    if (visitor === undefined || !door.has(visitor)) {
      stream.destroy();
      return;
    }
    if (!mayEnter(request, options)) {
      stream.write('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      door.turnAway(visitor, 'origin');
      return;
    }
    upgrader.handleUpgrade(request, stream, head, (socket) => {
      const channel = new NodeWebSocketChannel(socket, options);
      if (isTls(stream)) channel.bind(tlsFacts(stream, true));
      onChannel(channel, visitor, stream);
    });
  });
}

/** Which is no other connection's at the same time. */
const addressOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/** Browsers say which page opens a connection; programs need not, and do not. */
function mayEnter(
  { headers: { origin } }: IncomingMessage,
  { allowedOrigins = [] }: HubServerOptions,
): boolean {
  return origin === undefined || allowedOrigins.includes(origin);
}
