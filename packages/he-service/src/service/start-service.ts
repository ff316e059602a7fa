/** Starting and stopping a service: workers first, then keys, then the door; the other way round at the end. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { entryModule } from '../location.js';
import type { ModelInfo } from '../service-client/schemas.js';
import { WorkerStartError } from '../worker-pool/errors.js';
import { WorkerPool } from '../worker-pool/index.js';
import { createApp, type LogLevel } from './app.js';
import { ByteBudget } from './byte-budget.js';
import { ServiceModelError, ServiceOptionError } from './errors.js';
import { InferenceRunner } from './inference.js';
import { ownFolder } from './key-store/files.js';
import { KeyStore } from './key-store/key-store.js';
import { type ServiceLimits, withDefaults } from './limits.js';
import { ServiceMetrics } from './metrics.js';
import { type ModelArtefacts, ModelTable, readModels } from './models.js';
import type { ServiceParts } from './parts.js';
import { RequestContexts } from './request-context.js';
import { TokenTable } from './tokens.js';

export interface ServiceOptions {
  /** Compiled models: folders with `server.heml` and `client.heml`, folders of such folders, or the bytes. */
  readonly models: readonly (string | ModelArtefacts)[];
  /** Folder for uploaded keys, of this service alone. It is made if need be. */
  readonly stateDirectory: string;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Certificate and private key in PEM; plain HTTP without. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
  /** API tokens with the names of their tenants. Without tokens everybody is one tenant. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** The same, but hex SHA-256 digests of tokens: for configuration files. */
  readonly tokenDigests?: Readonly<Record<string, string>>;
  /** Worker threads. Default: one per core. */
  readonly workers?: number;
  readonly limits?: Partial<ServiceLimits>;
  /** Default `info`; `silent` for none. */
  readonly logLevel?: LogLevel;
  readonly logStream?: { write(line: string): void };
  /** Folder of a page for browsers, served under /app/. */
  readonly page?: string;
  /** Module that exports `createEngine`: a path or URL. Default: the evaluator of this package. */
  readonly engine?: string | URL;
  /** Milliseconds since 1970, for the expiry of keys; for tests. */
  readonly now?: () => number;
}

export interface RunningService {
  /** Root of the service, for clients on this machine. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly models: readonly ModelInfo[];
  /** Takes no new requests, lets those that run finish (at most `limits.drainMs`), and frees everything. */
  close(): Promise<void>;
}

function engineUrl(engine: string | URL | undefined): string {
  if (engine === undefined) return entryModule('worker-pool/he-engine').href;
  if (engine instanceof URL || URL.canParse(engine)) return String(engine);
  return pathToFileURL(engine).href;
}

function checkNumbers({ workers, port }: ServiceOptions): void {
  if (workers !== undefined && !(Number.isInteger(workers) && workers >= 1 && workers <= 1024))
    throw new ServiceOptionError(`a service has 1 to 1024 workers, not ${workers}`);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new ServiceOptionError(`${port} is not a port`);
}

/** An artefact that the engine refuses is named by its folder or name. */
function namedModelError(error: unknown, artefacts: readonly ModelArtefacts[]): unknown {
  if (!(error instanceof WorkerStartError) || error.artefact < 0) return error;
  const name = artefacts[error.artefact]?.name;
  return new ServiceModelError(`model ${name} cannot be served: ${error.message}`, { cause: error });
}

/** The parts of a service before it listens, and how to free them. */
interface Assembled {
  readonly parts: ServiceParts;
  readonly app: FastifyInstance;
  readonly startDraining: () => void;
}

async function assemble(options: ServiceOptions, limits: ServiceLimits, workers: number): Promise<Assembled> {
  const tokens = new TokenTable(options.tokens, options.tokenDigests);
  const artefacts = await readModels(options.models);
  await ownFolder(options.stateDirectory);
  const contexts = new RequestContexts();
  // Without tokens everybody is one tenant.
  const budget = new ByteBudget(limits.bytesInFlight, limits.bytesInFlight / (tokens.required ? 2 : 1));
  let draining = false;
  // Events of pool and store reach the log and the metrics, which are made last.
  let log: FastifyInstance['log'] | undefined;
  let nameOf = (modelId: string) => modelId;

  const metrics: ServiceMetrics = new ServiceMetrics(() => {
    const { waiting, idle, busy, starting } = pool.stats();
    const { stored, uploading, bytes } = store.stats();
    return {
      queueLength: waiting,
      workersIdle: idle,
      workersBusy: busy,
      workersStarting: starting,
      bytesInFlight: budget.used,
      keysStored: stored,
      keyUploads: uploading,
      keyBytes: bytes,
    };
  });
  const pool: WorkerPool = await WorkerPool.start({
    workers,
    setup: {
      engine: engineUrl(options.engine),
      artefacts: artefacts.map((artefact) => artefact.server),
      keyCacheBytes: limits.keyCacheBytesPerWorker,
    },
    limits: { ...limits, heapMiB: limits.workerHeapMiB, startMs: limits.workerStartMs },
    events: {
      workerLost: (reason, detail) => {
        metrics.workersLost.inc({ reason });
        log?.warn({ reason, detail }, 'a worker was lost and is replaced');
      },
      replacementFailed: (error) => log?.error({ err: error }, 'a worker cannot be replaced yet'),
      taskDone: (task, waitedMs, result) => {
        metrics.keyLoads.inc({ cache: result.keysWereCached ? 'hit' : 'miss' });
        if (task.kind !== 'evaluate') return;
        const model = nameOf(task.modelId);
        metrics.images.inc({ model });
        metrics.queueSeconds.observe({ model }, waitedMs / 1000);
        metrics.evaluateSeconds.observe({ model }, result.evaluateMs / 1000);
      },
    },
  }).catch((error: unknown) => {
    throw namedModelError(error, artefacts);
  });
  let store: KeyStore;
  try {
    const models = new ModelTable(artefacts, pool.models);
    nameOf = (modelId) => models.find(modelId).name;
    store = await KeyStore.open({
      folder: join(options.stateDirectory, 'evaluation-keys'),
      limits,
      now: options.now,
      onGone: (entry) => pool.dropKey(store.tag(entry)),
      onTrouble: (error) => log?.error({ err: error }, 'the store of keys has trouble with its files'),
    });
    const runner = new InferenceRunner(pool, store, workers);
    const parts: ServiceParts = {
      limits,
      tokens,
      models,
      store,
      pool,
      runner,
      budget,
      metrics,
      contexts,
      draining: () => draining,
    };
    const app = await createApp(parts, { ...options, logLevel: options.logLevel ?? 'info' });
    log = app.log;
    return {
      parts,
      app,
      startDraining: () => {
        draining = true;
      },
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** How often a service that closes looks for idle connections, in milliseconds. */
const IDLE_CHECK_MS = 50;

const isLoopback = (host: string) => /^(127\.|localhost$|::1$)/.test(host);

/**
 * Starts a service for homomorphic inference: HTTP, worker threads with one engine each, keys on disk. It holds no
 * secret key and cannot decrypt what it computes on. Resolves when all workers have loaded all models.
 * @param options artefacts, folder of keys, address, limits, tokens
 * @returns the running service: where it listens, and how to end it
 * @throws ServiceOptionError, ServiceModelError, WorkerStartError, or the system's error where it cannot listen
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  checkNumbers(options);
  const limits = withDefaults(options.limits);
  const workers = options.workers ?? availableParallelism();
  const host = options.host ?? '127.0.0.1';
  const { parts, app, startDraining } = await assemble(options, limits, workers);
  const free = async () => {
    await parts.pool.close();
    await parts.store.close();
  };
  try {
    await app.listen({ host, port: options.port ?? 0 });
  } catch (error) {
    await app.close();
    await free();
    throw error;
  }
  if (!isLoopback(host) && !parts.tokens.required)
    app.log.warn('this service is open to everybody who can reach it: configure tokens');
  if (!isLoopback(host) && !options.tls)
    app.log.warn('this service speaks plain HTTP beyond this machine: tokens can be read on the way');

  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  let closing: Promise<void> | undefined;
  const close = async () => {
    startDraining();
    const patience = setTimeout(() => app.server.closeAllConnections(), limits.drainMs);
    // A connection whose reply had begun before stays open for the next request, which must not come.
    const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_CHECK_MS);
    try {
      await app.close();
    } finally {
      clearTimeout(patience);
      clearInterval(idle);
      await free();
    }
  };
  return {
    url: `${options.tls ? 'https' : 'http'}://${shown}:${port}`,
    host,
    port,
    models: parts.models.all.map((model) => model.info(limits.imagesPerRequest)),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
