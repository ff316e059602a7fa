/** Limits of a service. Sizes are in bytes, times in milliseconds. */
import { ServiceOptionError } from './errors.js';

export interface ServiceLimits {
  /** Images of one inference request. Default 64. */
  readonly imagesPerRequest: number;
  /** Bytes of all requests and replies that are in memory; with tokens, one tenant has half of it. Default 512 MiB. */
  readonly bytesInFlight: number;
  /** Largest body of `POST /compute`, JSON and base64. Default 32 MiB. */
  readonly computeBodyBytes: number;
  /** Requests a minute of one tenant (or address, without tokens). Default 6,000. */
  readonly requestsPerMinute: number;
  /** Images that wait for a worker, in all and of one tenant. Default 64 and 32. */
  readonly queueLength: number;
  readonly queueLengthPerTenant: number;
  /** Longest wait for a worker. Default 60 s. */
  readonly queueMs: number;
  /** Longest evaluation of one image, keys loaded before it included. Default 60 s. */
  readonly evaluateMs: number;
  /** Time for the headers of a request. Default 10 s. */
  readonly headersMs: number;
  /** Time for the whole body of a request, and longest silence within it. Default 120 s and 10 s. */
  readonly bodyMs: number;
  readonly bodyIdleMs: number;
  /** How long a client may not read its reply. Default 30 s. */
  readonly replyIdleMs: number;
  /** Evaluation keys are forgotten if nobody used them for so long. Default 7 days. */
  readonly keyTtlMs: number;
  /** An upload is forgotten if nothing came for so long. Default 1 hour. */
  readonly uploadTtlMs: number;
  /** Keys on disk, uploads included: of one tenant and in all. Default 1 GiB, 16 keys, 16 GiB. */
  readonly keyBytesPerTenant: number;
  readonly keysPerTenant: number;
  readonly keyBytesTotal: number;
  /** Unfinished uploads of one tenant. Default 4. */
  readonly uploadsPerTenant: number;
  /** Size of a chunk of an upload. Default 4 MiB. */
  readonly chunkBytes: number;
  /** Keys that a worker keeps loaded. Default 256 MiB. */
  readonly keyCacheBytesPerWorker: number;
  /** JavaScript heap of a worker, in MiB. Default 1,024. */
  readonly workerHeapMiB: number;
  /** Time for the start of a worker with all models. Default 60 s. */
  readonly workerStartMs: number;
  /** How long `close` waits for requests that run. Default 30 s. */
  readonly drainMs: number;
}

const MIB = 2 ** 20;

export const DEFAULT_LIMITS: ServiceLimits = {
  imagesPerRequest: 64,
  bytesInFlight: 512 * MIB,
  computeBodyBytes: 32 * MIB,
  requestsPerMinute: 6000,
  queueLength: 64,
  queueLengthPerTenant: 32,
  queueMs: 60_000,
  evaluateMs: 60_000,
  headersMs: 10_000,
  bodyMs: 120_000,
  bodyIdleMs: 10_000,
  replyIdleMs: 30_000,
  keyTtlMs: 7 * 24 * 3_600_000,
  uploadTtlMs: 3_600_000,
  keyBytesPerTenant: 1024 * MIB,
  keysPerTenant: 16,
  keyBytesTotal: 16 * 1024 * MIB,
  uploadsPerTenant: 4,
  chunkBytes: 4 * MIB,
  keyCacheBytesPerWorker: 256 * MIB,
  workerHeapMiB: 1024,
  workerStartMs: 60_000,
  drainMs: 30_000,
};

/** The defaults with what the caller set. Throws ServiceOptionError. */
export function withDefaults(limits: Partial<ServiceLimits> = {}): ServiceLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_LIMITS)) throw new ServiceOptionError(`there is no limit ${JSON.stringify(name)}`);
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
      throw new ServiceOptionError(`limit ${name} must be a whole number above 0, not ${value}`);
  }
  const set = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(set) };
}
