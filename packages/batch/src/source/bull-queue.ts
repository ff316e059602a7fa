/**
 * Shards in a queue of BullMQ, on the Redis or PostgreSQL that the organisation has. Entries hold the id of a batch and the
 * number of a shard, no rows and no results. BullMQ delivers at least once: a worker that died loses its lock, and the
 * shard goes to another one. That each shard is committed once is the batch folder's doing.
 *
 * BullMQ and its drivers are optional peers: they are loaded when a queue is opened.
 */
import { randomUUID } from 'node:crypto';
import type { Job, Queue, Worker } from 'bullmq';
import { DriverMissingError } from '../errors.js';
import type { QueueDepth } from '../metrics.js';
import { orAborted, pause } from './abortable.js';
import { Outage } from './outage.js';
import { parseQueueAddress, type QueueAddress } from './queue-address.js';
import type { ShardSource, ShardTask } from './shard-source.js';

/** Where a queue is, and how patient its users are. */
export interface BullQueueOptions {
  /** `redis://…` or `postgres://…`; may hold a password, which is never shown. */
  readonly address: string;
  /** Name of the queue; several may share a server. */
  readonly name?: string | undefined;
  /** After how long without a sign of life a worker's shard goes to another one, in ms. Default 30 s. */
  readonly leaseMs?: number | undefined;
  readonly say: (text: string) => void;
}

/** A shard that this worker has. */
interface BullTask extends ShardTask {
  readonly job: Job<ShardTask>;
  readonly token: string;
}

const NAME = 'tacit-batches';
const LEASE_MS = 30_000;
/** How often a worker looks for a shard. */
const LOOK_MS = 500;
const ANSWER_MS = 10_000;
/** Entries that are added at once. */
const BULK = 1000;

/** The connection of a program to a queue. */
export class BullQueue {
  readonly #queue: Queue<ShardTask>;
  readonly #makeWorker: () => Worker<ShardTask>;
  readonly #outage: Outage;
  readonly #leaseMs: number;
  #closed = false;

  private constructor(
    queue: Queue<ShardTask>,
    makeWorker: () => Worker<ShardTask>,
    outage: Outage,
    leaseMs: number,
  ) {
    this.#queue = queue;
    this.#makeWorker = makeWorker;
    this.#outage = outage;
    this.#leaseMs = leaseMs;
    queue.on('error', (error) => outage.note(error));
  }

  /**
   * Opens a queue; on PostgreSQL its tables are made if they are not there.
   * @param options where it is
   * @returns the queue
   * @throws QueueAddressError, DriverMissingError; QueueUnreachableError if it does not answer within ten seconds
   * @example const queue = await BullQueue.open({ address: 'redis://127.0.0.1:6379', say: console.error });
   */
  static async open(options: BullQueueOptions): Promise<BullQueue> {
    const { name = NAME, leaseMs = LEASE_MS, say } = options;
    const address = parseQueueAddress(options.address);
    const bull = await installed('bullmq', () => import('bullmq'));
    // BullMQ loads it itself, and says less when it is not there.
    const driver = address.kind === 'redis' ? 'ioredis' : 'pg';
    await installed(driver, () => import(driver) as Promise<unknown>);
    const outage = new Outage(address.shown, say);
    const connection = connectionOf(address);
    // BullMQ's types know one back end by default; what is used here is the same in both.
    const backend = (address.kind === 'postgres' ? [bull.createPostgresBackend] : []) as [];
    const queue = new bull.Queue<ShardTask>(name, { connection }, ...backend);
    const makeWorker = () =>
      new bull.Worker<ShardTask>(
        name,
        null,
        {
          connection,
          autorun: false,
          lockDuration: leaseMs,
          stalledInterval: Math.max(500, leaseMs / 2),
          // How often a shard may be tried is not the queue's to say.
          maxStalledCount: 1_000_000,
        },
        ...backend,
      );
    const opened = new BullQueue(queue, makeWorker, outage, leaseMs);
    try {
      await outage.within(queue.waitUntilReady(), ANSWER_MS);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  /**
   * Puts shards into the queue; those that are in it stay as they are.
   * @param batch id of the batch
   * @param shards their numbers
   * @param failed which of them had failed: these are put in anew
   * @throws QueueUnreachableError
   */
  async add(batch: string, shards: readonly number[], failed: readonly number[] = []): Promise<void> {
    const idOf = (shard: number): string => `${batch}.${shard}`;
    for (const shard of failed) await this.#ask(this.#queue.remove(idOf(shard)));
    for (let from = 0; from < shards.length; from += BULK)
      await this.#ask(
        this.#queue.addBulk(
          shards.slice(from, from + BULK).map((shard) => ({
            name: 'shard',
            data: { batch, shard },
            opts: {
              jobId: idOf(shard),
              attempts: 1,
              removeOnComplete: true,
              removeOnFail: { count: 10_000 },
            },
          })),
        ),
      );
  }

  /**
   * How many entries the queue has, of all batches.
   * @param patienceMs how long it may take to answer
   * @returns counts by state
   * @throws QueueUnreachableError
   */
  async depth(patienceMs = ANSWER_MS): Promise<QueueDepth> {
    const asked = this.#queue.getJobCounts('waiting', 'delayed', 'active', 'failed');
    const counts = await this.#outage.within(asked, patienceMs);
    const { waiting = 0, delayed = 0, active = 0, failed = 0 } = counts;
    return { waiting, delayed, active, failed };
  }

  /**
   * Becomes a worker of the queue.
   * @returns where its shards come from
   */
  async source(): Promise<ShardSource> {
    const worker = this.#makeWorker();
    worker.on('error', (error) => this.#outage.note(error));
    await this.#ask(worker.waitUntilReady().then(() => worker.startStalledCheckTimer()));
    return new BullSource(worker, this.#outage, this.#leaseMs);
  }

  /** Lets go of the connection. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await quietly(this.#queue.close());
  }

  #ask<T>(asked: Promise<T>): Promise<T> {
    return this.#outage.within(asked, ANSWER_MS);
  }
}

class BullSource implements ShardSource<BullTask> {
  readonly heartbeatMs: number;
  readonly #worker: Worker<ShardTask>;
  readonly #outage: Outage;
  readonly #leaseMs: number;

  constructor(worker: Worker<ShardTask>, outage: Outage, leaseMs: number) {
    this.#worker = worker;
    this.#outage = outage;
    this.#leaseMs = leaseMs;
    this.heartbeatMs = leaseMs / 3;
  }

  async next(signal: AbortSignal): Promise<BullTask | undefined> {
    while (!signal.aborted) {
      const token = randomUUID();
      const asked = this.#worker.getNextJob(token, { block: false });
      const job = await orAborted(this.#outage.patiently(asked), signal);
      if (job !== undefined) {
        const { batch, shard } = job.data;
        return { batch, shard, job, token };
      }
      await pause(LOOK_MS, signal);
    }
    return undefined;
  }

  async heartbeat({ job, token }: BullTask): Promise<void> {
    await this.#ask(job.extendLock(token, this.#leaseMs));
  }

  async done({ job, token }: BullTask): Promise<void> {
    await this.#ask(job.moveToCompleted(undefined, token, false));
  }

  async retryLater({ job, token }: BullTask, delayMs: number): Promise<void> {
    await this.#ask(job.moveToDelayed(Date.now() + Math.ceil(delayMs), token));
  }

  async fail({ job, token }: BullTask, error: Error): Promise<void> {
    // Messages of programs may quote values; the code says enough to whoever looks at the queue.
    const { code } = error as { code?: unknown };
    await this.#ask(job.moveToFailed(new Error(typeof code === 'string' ? code : 'failed'), token, false));
  }

  async close(): Promise<void> {
    await quietly(this.#worker.close(true));
  }

  #ask<T>(asked: Promise<T>): Promise<T> {
    return this.#outage.within(asked, ANSWER_MS);
  }
}

function connectionOf({ kind, url }: QueueAddress): object {
  if (kind === 'postgres') return { connectionString: url, migrate: true };
  return {
    url,
    // Commands wait for a server that is away; `Outage` says so.
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(200 * times, 2000),
  };
}

async function installed<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND')
      throw new DriverMissingError(name, 'a queue', { cause: error });
    throw error;
  }
}

/** Of connections that may be gone already. */
async function quietly(closing: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 2000);
  });
  await Promise.race([closing.catch(() => {}), late]);
  clearTimeout(timer);
}
