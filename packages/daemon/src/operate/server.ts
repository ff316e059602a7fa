/** `/livez`, `/readyz` and `/metrics` on a port of their own, which is open only if the owner asks for it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OperatePortError } from '../errors.js';

/** Metrics in the text format of Prometheus. */
export interface Exposition {
  readonly registry: { readonly contentType: string };
  text(): Promise<string>;
}

/** What the port tells. */
export interface OperateOptions {
  readonly host?: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Whether new sessions may start. */
  ready(): boolean;
  readonly metrics?: Exposition | undefined;
}

/** The port, open. */
export interface OperateServer {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Opens the port.
 * @param options where, and what it tells
 * @returns the port that is open
 * @throws OperatePortError if it cannot be opened
 */
export async function startOperate(options: OperateOptions): Promise<OperateServer> {
  const { host = '127.0.0.1', port } = options;
  const server = createServer(
    { headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 2000 },
    (request, response) => {
      void answer(request, response, options);
    },
  );
  server.maxConnections = 64;
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((done, failed) => {
    const fail = (cause: NodeJS.ErrnoException): void =>
      failed(
        new OperatePortError(`health and metrics cannot listen at ${host}:${port}: ${cause.code}`, { cause }),
      );
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      done();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    host: address.address,
    port: address.port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { ready, metrics }: OperateOptions,
): Promise<void> {
  const reply = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  // Whatever body a request has, nobody reads it.
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') return reply(405, 'GET or HEAD\n');
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  if (path === '/livez') return reply(200, 'alive\n');
  if (path === '/readyz') return ready() ? reply(200, 'ready\n') : reply(503, 'not ready\n');
  if (path === '/metrics' && metrics) {
    try {
      return reply(200, await metrics.text(), metrics.registry.contentType);
    } catch {
      return reply(500, 'metrics failed\n');
    }
  }
  reply(404, '/livez, /readyz and /metrics\n');
}
