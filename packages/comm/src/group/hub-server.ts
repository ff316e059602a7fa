/**
 * The server of a hub: WebSockets over TCP or TLS, and for members that know its certificate TLS without WebSockets, which
 * they choose by ALPN; what they say in it is framed as in TLS inside a channel, and comes with fewer copies. Every connection stands at the door from its first byte on, before any
 * TLS, and leaves it when it has proved itself.
 */
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server as NetServer, Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { WebSocketServer } from 'ws';
import { NodeWebSocketChannel, type SocketSettings, socketOptions } from '../channel/node-websocket.js';
import { isTls, tlsFacts } from '../channel/tls-facts.js';
import { ownTls, STREAM_PROTOCOL, type TlsIdentity } from '../tls/tls-identity.js';
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
  /** Origins of web pages that may connect, e.g. `https://app.example`; `*` for all. Default none: pages are refused. */
  allowedOrigins?: readonly string[];
  helloTimeoutMs?: number;
}

/** Whether the server ends TLS itself. */
export const isEncrypted = ({ tls, identity, plain }: HubServerOptions): boolean =>
  tls !== undefined || (identity !== undefined && plain !== true);

/** A server that listens, and the HTTP server that gets its connections. */
export interface HubServer {
  readonly server: NetServer;
  readonly http: HttpServer;
}

/** What serves; it does not listen yet. */
export function createHubServer(options: HubServerOptions): HubServer {
  const { tls, identity, helloTimeoutMs: handshakeTimeout = 5000 } = options;
  const http =
    tls !== undefined && isEncrypted(options)
      ? createHttpsServer({ ...tls, handshakeTimeout })
      : createHttpServer();
  if (tls !== undefined || identity === undefined || !isEncrypted(options)) return { server: http, http };
  const server = createTlsServer({
    ...ownTls(identity),
    minVersion: 'TLSv1.3',
    // Certificates are known by their fingerprints, not by who has signed them.
    requestCert: true,
    rejectUnauthorized: false,
    noDelay: true,
    handshakeTimeout,
  });
  return { server, http };
}

/** What serves at a door. */
export interface Serving {
  /**
   * A fresh channel.
   * @param visitor the TCP connection, which stands at the door
   * @param stream what the channel reads from
   */
  onChannel(channel: NodeWebSocketChannel, visitor: Socket, stream: Socket): void;
  /**
   * A connection of a member that knows this one, which does without WebSockets.
   * @param visitor the TCP connection, which stands at the door
   */
  onStream(stream: TLSSocket, visitor: Socket): void;
}

/**
 * Puts the connections of a server at the door and makes channels of them.
 * @param servers of `createHubServer`
 * @param options the same
 * @param door where connections wait
 * @param serving gets them
 */
export function serveChannels(
  { server, http }: HubServer,
  options: HubServerOptions,
  door: Door,
  serving: Serving,
): void {
  const visitors = new Map<string, Socket>();
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
  /** Who stands at the door with this stream; somebody who has been turned away meanwhile does not. */
  const visitorOf = (stream: Socket): Socket | undefined => {
    const visitor = isTls(stream) ? visitors.get(addressOf(stream)) : stream;
    stream.on('error', () => {});
    if (visitor !== undefined && door.has(visitor)) return visitor;
    stream.destroy();
    return undefined;
  };
  if (server !== http)
    server.on('secureConnection', (stream: TLSSocket) => {
      if (stream.alpnProtocol !== STREAM_PROTOCOL) http.emit('connection', stream);
      else {
        const visitor = visitorOf(stream);
        if (visitor) serving.onStream(stream, visitor);
      }
    });
  const upgrader = new WebSocketServer({ noServer: true, clientTracking: false, ...socketOptions(options) });
  upgrader.on('wsClientError', (_, socket) => socket.destroy());
  http.on('request', (_, response) => response.writeHead(426, { connection: 'close' }).end());
  http.on('clientError', (_, socket: Socket) => socket.destroy());
  http.on('upgrade', (request, duplex, head) => {
    const stream = duplex as Socket; // Of a server on TCP or TLS it is one.
    const visitor = visitorOf(stream);
    if (visitor === undefined) return;
    if (!mayEnter(request, options)) {
      stream.write('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      door.turnAway(visitor, 'origin');
      return;
    }
    upgrader.handleUpgrade(request, stream, head, (socket) => {
      const channel = new NodeWebSocketChannel(socket, options);
      if (isTls(stream)) channel.bind(tlsFacts(stream, true));
      serving.onChannel(channel, visitor, stream);
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
  return origin === undefined || allowedOrigins.includes(origin) || allowedOrigins.includes('*');
}
