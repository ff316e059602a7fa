/** A compiled model in several worker threads, without a service round it: for batches of images. Node.js only. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { entryModule } from '../location.js';
import type { LayerRange, LoadedModel } from '../worker-pool/engine.js';
import { type KeySource, WorkerPool } from '../worker-pool/index.js';

export interface HePoolOptions {
  /** Default: one for each core. */
  readonly workers?: number;
  /** Memory for keys in each worker. Default 1 GiB. */
  readonly keyCacheBytes?: number;
  /** Longest evaluation, in milliseconds. Default 10 minutes. */
  readonly evaluateMs?: number;
}

export interface PoolEvaluateOptions {
  readonly range?: LayerRange;
  readonly signal?: AbortSignal;
}

/** Evaluation keys that the workers know. */
export interface PoolKeys {
  /** Hex SHA-256 of the envelope. */
  readonly id: string;
}

/**
 * Each worker has the whole model and computes one input at a time, so n workers serve n times as many inputs a second;
 * a single input is not faster. Each loads a client's keys when it first meets them.
 */
export class HePool {
  readonly #keys = new Map<string, KeySource>();

  private constructor(
    private readonly pool: WorkerPool,
    private readonly model: LoadedModel,
  ) {}

  /**
   * @param server bytes of the server's half of a compiled model
   * @param options number of workers, memory and time
   * @returns a pool whose workers have all loaded the model
   * @throws WorkerStartError with the engine's reason
   */
  static async create(server: Uint8Array, options: HePoolOptions = {}): Promise<HePool> {
    const pool = await WorkerPool.start({
      workers: options.workers ?? availableParallelism(),
      setup: {
        engine: entryModule('worker-pool/he-engine').href,
        artefacts: [server],
        keyCacheBytes: options.keyCacheBytes ?? 2 ** 30,
      },
      limits: {
        queueLength: Number.MAX_SAFE_INTEGER,
        queueLengthPerTenant: Number.MAX_SAFE_INTEGER,
        queueMs: 2 ** 31 - 1,
        evaluateMs: options.evaluateMs ?? 600_000,
        heapMiB: 2048,
        startMs: 120_000,
      },
    });
    return new HePool(pool, pool.models[0] as LoadedModel);
  }

  /**
   * Checks a client's evaluation keys (in one of the workers, which keeps them).
   * @param envelope what `HeClient` made for upload, from anybody
   * @returns what `evaluate` knows the keys by
   * @throws EngineRefusalError with the code of what is wrong with them
   */
  async loadKeys(envelope: Uint8Array): Promise<PoolKeys> {
    const shared = new SharedArrayBuffer(envelope.length);
    new Uint8Array(shared).set(envelope);
    const id = createHash('sha256').update(envelope).digest('hex');
    const key: KeySource = { tag: id, place: { shared }, sha256: id, bytes: envelope.length };
    await this.pool.submit({ tenant: id, task: { kind: 'check-keys', modelId: this.model.id, key } });
    this.#keys.set(id, key);
    return { id };
  }

  /**
   * Envelopes of one input (or batch) in, those of its result out. Call it many times at once to use all workers.
   * @param inputs envelopes of one input, or of a batch in throughput mode
   * @param keys of this pool
   * @param options range of layers, and a signal that takes the input out of the queue
   * @returns envelopes of the result
   * @throws EngineRefusalError, EvaluationTimeoutError, WorkerLostError; TypeError for keys that this pool does not have
   */
  async evaluate(
    inputs: readonly Uint8Array[],
    keys: PoolKeys,
    { range, signal }: PoolEvaluateOptions = {},
  ): Promise<Uint8Array[]> {
    const key = this.#keys.get(keys.id);
    if (key === undefined) throw new TypeError('these keys were not loaded into this pool, or dropped');
    const task = { kind: 'evaluate', modelId: this.model.id, key, inputs, range } as const;
    const { outputs } = await this.pool.submit({ tenant: keys.id, task, signal });
    return outputs;
  }

  /**
   * Forgets a client's keys.
   * @param keys of this pool
   */
  dropKeys(keys: PoolKeys): void {
    this.#keys.delete(keys.id);
    this.pool.dropKey(keys.id);
  }

  /** Ends the workers after what they are computing. */
  close(): Promise<void> {
    return this.pool.close();
  }

  /** Calls `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
