/** The HTTP side of a service: framework, who asks, what is refused, how errors are answered. */
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Duplex, Readable } from 'node:stream';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import staticFiles from '@fastify/static';
import swagger from '@fastify/swagger';
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
  LogController,
} from 'fastify';
import { declaredLength, readBody, refuseContentEncoding } from './body.js';
import { errorReply } from './error-replies.js';
import { RequestError } from './errors.js';
import { checkParts } from './json-parts.js';
import type { ServiceParts } from './parts.js';
import { limitSilence } from './reply-silence.js';
import type { RequestContext } from './request-context.js';
import { computeRoute } from './routes/compute-route.js';
import { inferRoutes } from './routes/infer-routes.js';
import { keyRoutes } from './routes/key-routes.js';
import { modelRoutes } from './routes/models-routes.js';
import { operationRoutes } from './routes/operation-routes.js';
import { namedSchemas } from './schemas.js';

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface AppOptions {
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
  readonly logLevel: LogLevel;
  /** Where log lines go; standard output by default. */
  readonly logStream?: { write(line: string): void };
  /** Folder of a page for browsers, served under /app/. */
  readonly page?: string;
}

/** JSON bodies other than `/compute` are small. */
const JSON_BYTES = 65_536;
/** How often the server looks for connections that are too slow, in milliseconds. */
const CHECK_MS = 1000;

/** Logs name method, route, status, sizes and times: no addresses with queries, no headers, no bodies. */
function loggerOf({ logLevel, logStream }: AppOptions) {
  if (logLevel === 'silent') return false;
  return {
    level: logLevel,
    ...(logStream ? { stream: logStream } : {}),
    serializers: { req: ({ method }: { method?: string }) => ({ method }) },
  };
}

function badRequestReply(status: string, code: string, message: string): string {
  const body = JSON.stringify({ code, message });
  return (
    `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
    `Content-Type: application/json\r\nConnection: close\r\n\r\n${body}`
  );
}

/** Answers what is no HTTP, or comes too slowly, before it becomes a request. */
function refuseConnection(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    socket.end(badRequestReply('408 Request Timeout', 'BODY_TIMEOUT', 'the request did not come in time'));
  else if (error.code === 'HPE_HEADER_OVERFLOW')
    socket.end(
      badRequestReply('431 Request Header Fields Too Large', 'BAD_REQUEST', 'the headers are too large'),
    );
  else socket.end(badRequestReply('400 Bad Request', 'BAD_REQUEST', 'this is no HTTP request'));
}

/** The HTTP application, ready to listen. */
export async function createApp(parts: ServiceParts, options: AppOptions): Promise<FastifyInstance> {
  const { limits } = parts;
  const timeouts = {
    headersTimeout: limits.headersMs,
    // The routes have timeouts of their own that answer; this one is for what never reaches a route.
    requestTimeout: limits.headersMs + limits.bodyMs + CHECK_MS,
    connectionsCheckingInterval: Math.min(CHECK_MS, limits.headersMs),
    keepAliveTimeout: 30_000,
  };
  const settings: FastifyServerOptions = {
    logger: loggerOf(options),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: JSON_BYTES,
    exposeHeadRoutes: false,
    // The server is made here for its timeouts; https servers are http servers in all that the framework uses.
    serverFactory: (handler) => {
      const { tls } = options;
      if (!tls) return createServer(timeouts, handler);
      const { key, cert } = tls;
      return createSecureServer(
        { ...timeouts, key, cert, minVersion: 'TLSv1.2' },
        handler,
      ) as unknown as ReturnType<typeof createServer>;
    },
    clientErrorHandler: refuseConnection,
    ajv: { customOptions: { removeAdditional: false } },
  };
  const app = fastify(settings);
  for (const schema of namedSchemas) app.addSchema(schema);
  watchRequests(app, parts);
  await app.register(helmet, {
    // The page's own script only; the bindings of SEAL build functions at run time, which needs 'unsafe-eval'.
    contentSecurityPolicy: {
      directives: { 'script-src': ["'self'", "'unsafe-eval'", "'wasm-unsafe-eval'"] },
    },
    // Without TLS there is nothing to be strict about, and nothing to upgrade to.
    ...(options.tls ? {} : { strictTransportSecurity: false }),
  });
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => rateKey(parts, request),
    errorResponseBuilder: (_, context) =>
      new RequestError(
        'RATE_LIMITED',
        `more than ${context.max} requests a minute`,
        Math.ceil(context.ttl / 1000),
      ),
  });
  await app.register(swagger, openApi(parts));
  acceptBodies(app, parts);
  answerErrors(app);
  modelRoutes(app, parts);
  keyRoutes(app, parts);
  inferRoutes(app, parts);
  computeRoute(app, parts);
  operationRoutes(app, parts);
  if (options.page !== undefined) await app.register(staticFiles, { root: options.page, prefix: '/app/' });
  return app;
}

/** By tenant; by address where everybody is the same tenant, or nobody knows who asks. */
function rateKey({ tokens, contexts }: ServiceParts, request: FastifyRequest): string {
  const { tenant } = contexts.of(request);
  return tokens.required && tenant !== undefined ? `tenant ${tenant}` : `address ${request.ip}`;
}

const isPublic = (request: FastifyRequest) =>
  request.is404 || 'public' in request.routeOptions.config || request.routeOptions.url?.startsWith('/app/');

function watchRequests(app: FastifyInstance, parts: ServiceParts): void {
  const { contexts, tokens } = parts;
  app.addHook('onRequest', async (request, reply) => {
    const context = contexts.open(request, reply, (ended) => record(parts, request, reply, ended));
    refuseContentEncoding(request.raw);
    context.tenant = tokens.tenantOf(request.headers.authorization);
  });
  // After the rate limit, which counts also those who guess tokens, and before any body is read.
  app.addHook('preParsing', async (request, reply) => {
    if (isPublic(request)) return;
    if (contexts.of(request).tenant === undefined) reply.header('www-authenticate', 'Bearer');
    contexts.of(request).knownTenant satisfies string;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    limitSilence(reply, parts.limits.replyIdleMs);
    if (typeof payload === 'string' || payload instanceof Uint8Array)
      contexts.of(request).bytesOut += Buffer.byteLength(payload);
    return payload;
  });
}

/** Metrics and one line of log, when a request is over. */
function record(
  parts: ServiceParts,
  request: FastifyRequest,
  reply: FastifyReply,
  context: RequestContext,
): void {
  const { metrics } = parts;
  const { tenant, bytesIn, bytesOut, sent } = context;
  const route = request.routeOptions?.url ?? 'unknown';
  const ms = performance.now() - context.startedAt;
  // 499: the client left before it had its reply.
  const status = sent ? reply.statusCode : 499;
  metrics.requests.inc({ route, method: request.method, status });
  metrics.requestSeconds.observe({ route }, ms / 1000);
  metrics.bytes.inc({ direction: 'in' }, bytesIn);
  metrics.bytes.inc({ direction: 'out' }, bytesOut);
  const line = { method: request.method, route, status, ms: Math.round(ms), bytesIn, bytesOut, tenant };
  request.log.info(line, 'request');
}

/** Binary bodies reach their routes as streams; JSON is read here, with the same clock. */
function acceptBodies(app: FastifyInstance, parts: ServiceParts): void {
  const { limits, budget, contexts } = parts;
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/octet-stream',
    async (_: FastifyRequest, payload: Readable) => payload,
  );
  app.addContentTypeParser('application/json', (request: FastifyRequest, payload: Readable, done) => {
    const read = async () => {
      const context = contexts.of(request);
      const bytes = declaredLength(request.raw, request.routeOptions.bodyLimit ?? JSON_BYTES);
      if (bytes === 0) return undefined;
      // The text, its bytes, and what comes out of it.
      context.hold(budget.reserve(3 * bytes, context.tenant));
      const json = await readBody(payload, bytes, limits);
      context.bytesIn += bytes;
      checkParts(json);
      return json.toString('utf8');
    };
    read().then(
      (text) => {
        if (text === undefined) done(null, undefined);
        else parseJson(request, text, done);
      },
      (error: Error) => done(error),
    );
  });
}

function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, code, message, retryAfterSeconds } = errorReply(error);
    if (status >= 500 && status !== 503) request.log.error({ err: error }, 'a request failed');
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
    // What is left of the body is not worth waiting for.
    if (status === 408 || status === 413) reply.header('connection', 'close');
    reply.removeHeader('x-frames-per-image');
    return reply.status(status).type('application/json').send({ code, message });
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (_, reply) => {
    reply.status(404).send({ code: 'NOT_FOUND', message: 'there is nothing here; see /openapi.json' });
  });
}

/** The description of the interface. Binary bodies are streams, which no schema validates; they get theirs here. */
function openApi({ tokens }: ServiceParts) {
  return {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Homomorphic inference', version: '1' },
      ...(tokens.required
        ? {
            components: { securitySchemes: { token: { type: 'http' as const, scheme: 'bearer' } } },
            security: [{ token: [] }],
          }
        : {}),
    },
    refResolver: {
      buildLocalReference: (json: { $id?: unknown }, _: object, __: string, i: number) =>
        typeof json.$id === 'string' ? json.$id : `schema-${i}`,
    },
    transform: <S extends { consumes?: readonly string[]; body?: unknown }>({
      schema,
      url,
    }: {
      schema: S;
      url: string;
    }) => ({
      schema: schema?.consumes?.includes('application/octet-stream')
        ? { ...schema, body: { type: 'string', format: 'binary' } }
        : schema,
      url,
    }),
  };
}
