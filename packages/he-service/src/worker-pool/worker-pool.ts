/**
 * N worker threads, each with one engine, behind one bounded queue. A worker that is lost is replaced; its task is
 * tried once more on another one unless it exceeded the time limit. Tasks go preferably to a worker that has their
 * keys loaded, but no worker idles while something waits.
 *
 * Not piscina or tinypool: those know tasks only, of which any worker may get any. Here the pool talks to workers: each
 * says what it has loaded, or why it cannot, before the first task; all are told to forget a client's keys; and the
 * choice of a task and of its worker are one, fair between tenants.
 */
import type { LoadedModel } from './engine.js';
import {
  type LossReason,
  PoolClosedError,
  QueueFullError,
  QueueTimeoutError,
  WorkerLostError,
} from './errors.js';
import { FairQueue } from './fair-queue.js';
import type { Task, TaskResult, WorkerSetup } from './messages.js';
import { PoolWorker, type WorkerLimits } from './pool-worker.js';

export interface PoolLimits extends WorkerLimits {
  /** Tasks that may wait, in all and of one tenant. */
  readonly queueLength: number;
  readonly queueLengthPerTenant: number;
  /** Longest wait for a worker, and longest run, of one task, in milliseconds. */
  readonly queueMs: number;
  readonly evaluateMs: number;
}

export interface PoolEvents {
  /** A worker was lost and will be replaced. */
  workerLost?(reason: LossReason, detail: string): void;
  /** A replacement cannot start and will be tried again. */
  replacementFailed?(error: Error): void;
  /** A task is over: waited and ran for so long, in milliseconds. */
  taskDone?(task: Task, waitedMs: number, result: TaskResult): void;
}

export interface PoolOptions {
  readonly workers: number;
  readonly setup: WorkerSetup;
  readonly limits: PoolLimits;
  readonly events?: PoolEvents;
}

export interface Submission {
  readonly tenant: string;
  readonly task: Task;
  /** Takes the task out of the queue; one that runs already goes on, and its result is dropped. */
  readonly signal?: AbortSignal;
  /** The task follows one of the same request that was let in: the limits of the queue do not hold. */
  readonly admitted?: boolean;
}

interface Job extends Submission {
  readonly resolve: (result: TaskResult) => void;
  readonly reject: (error: Error) => void;
  readonly queuedAt: number;
  queueTimer: NodeJS.Timeout | undefined;
  /** Takes the job out of the queue when the signal says so. */
  onAbort: () => void;
  losses: number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

export class WorkerPool {
  /** What the workers have loaded, in the order of the artefacts. */
  readonly models: readonly LoadedModel[];
  readonly #options: PoolOptions;
  readonly #queue = new FairQueue<Job>();
  readonly #idle = new Set<PoolWorker>();
  readonly #busy = new Map<PoolWorker, Job>();
  readonly #starting = new Set<PoolWorker>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #closed = false;
  /** Running mean of the time of a task, in milliseconds. */
  #meanMs = 1000;

  /** Starts all workers and loads all models in each. */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const workers = Array.from(
      { length: options.workers },
      () => new PoolWorker(options.setup, options.limits),
    );
    try {
      const [models] = await Promise.all(workers.map((worker) => worker.ready));
      return new WorkerPool(options, workers, models ?? []);
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.stop()));
      throw error;
    }
  }

  private constructor(options: PoolOptions, workers: PoolWorker[], models: readonly LoadedModel[]) {
    this.#options = options;
    this.models = models;
    for (const worker of workers) this.#join(worker);
  }

  /** Numbers for metrics. */
  stats(): { waiting: number; idle: number; busy: number; starting: number } {
    return {
      waiting: this.#queue.length,
      idle: this.#idle.size,
      busy: this.#busy.size,
      starting: this.#options.workers - this.#idle.size - this.#busy.size,
    };
  }

  /** When a new task is likely to find room, in whole seconds. */
  retryAfterSeconds(): number {
    const seconds = (this.#queue.length * this.#meanMs) / this.#options.workers / 1000;
    return Math.min(60, Math.max(1, Math.ceil(seconds)));
  }

  /** Throws QueueFullError if a task of this tenant would not be let in now. */
  checkRoom(tenant: string): void {
    const { queueLength, queueLengthPerTenant } = this.#options.limits;
    if (this.#closed) throw new PoolClosedError();
    // A tenant that fills its share hears so also when the whole queue is full.
    const own = this.#queue.lengthOf(tenant);
    if (own >= queueLengthPerTenant) throw new QueueFullError('tenant', own, this.retryAfterSeconds());
    if (this.#queue.length >= queueLength)
      throw new QueueFullError('all', this.#queue.length, this.retryAfterSeconds());
  }

  /**
   * Runs a task as soon as a worker is free. Rejects with EngineRefusalError, QueueFullError, QueueTimeoutError,
   * EvaluationTimeoutError, WorkerLostError, PoolClosedError, or the reason of the signal.
   */
  async submit(submission: Submission): Promise<TaskResult> {
    submission.signal?.throwIfAborted();
    if (this.#closed) throw new PoolClosedError();
    if (!submission.admitted) this.checkRoom(submission.tenant);
    return new Promise((resolve, reject) => {
      const job: Job = {
        ...submission,
        resolve,
        reject,
        queuedAt: performance.now(),
        queueTimer: undefined,
        onAbort: () => {
          if (this.#queue.remove(job)) this.#refuse(job, submission.signal?.reason);
        },
        losses: 0,
      };
      submission.signal?.addEventListener('abort', job.onAbort);
      this.#wait(job);
    });
  }

  /** Forgets loaded keys everywhere; a task that runs with them ends first. */
  dropKey(tag: string): void {
    for (const worker of [...this.#idle, ...this.#busy.keys()]) worker.dropKey(tag);
  }

  /** Ends all threads. Tasks that wait or run are rejected: whoever wants them done waits for them before. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const pause of this.#pauses) clearTimeout(pause);
    for (const job of this.#queue.clear()) this.#refuse(job, new PoolClosedError());
    await Promise.all(
      [...this.#idle, ...this.#busy.keys(), ...this.#starting].map((worker) => worker.stop()),
    );
  }

  #wait(job: Job): void {
    const { queueMs } = this.#options.limits;
    job.queueTimer = setTimeout(() => {
      if (this.#queue.remove(job))
        this.#refuse(job, new QueueTimeoutError(queueMs, this.retryAfterSeconds()));
    }, queueMs);
    if (job.losses > 0) this.#queue.pushFront(job.tenant, job);
    else this.#queue.push(job.tenant, job);
    this.#dispatch();
  }

  /** Lets go of the timer and the signal of a job that is over. */
  #release(job: Job): void {
    clearTimeout(job.queueTimer);
    job.signal?.removeEventListener('abort', job.onAbort);
  }

  #refuse(job: Job, reason: Error): void {
    this.#release(job);
    job.reject(reason);
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      // A worker that died while it was idle leaves the set only when its thread has ended.
      const idle = [...this.#idle].filter((worker) => !worker.lost);
      if (idle.length === 0) return;
      const warm = (job: Job) => idle.find((worker) => worker.hasKeys(job.task.key.tag, job.task.modelId));
      const job = this.#queue.take((candidate) => warm(candidate) !== undefined);
      const worker = job && (warm(job) ?? idle[0]);
      if (!job || !worker) return;
      clearTimeout(job.queueTimer);
      this.#idle.delete(worker);
      this.#busy.set(worker, job);
      void this.#run(worker, job);
    }
  }

  async #run(worker: PoolWorker, job: Job): Promise<void> {
    const started = performance.now();
    try {
      const result = await worker.run(job.task, this.#options.limits.evaluateMs);
      this.#meanMs += (performance.now() - started - this.#meanMs) / 8;
      this.#options.events?.taskDone?.(job.task, started - job.queuedAt, result);
      this.#release(job);
      job.resolve(result);
    } catch (error) {
      this.#afterFailure(job, error as Error);
    } finally {
      this.#busy.delete(worker);
      if (!worker.lost) this.#idle.add(worker);
      this.#dispatch();
    }
  }

  #afterFailure(job: Job, error: Error): void {
    const lost = error instanceof WorkerLostError;
    // The second worker that a task takes with it is no accident.
    if (lost && !this.#closed && !job.signal?.aborted && ++job.losses === 1) this.#wait(job);
    else this.#refuse(job, lost && this.#closed ? new PoolClosedError() : error);
  }

  /** Takes a started worker in, and replaces it when it ends. */
  #join(worker: PoolWorker): void {
    this.#idle.add(worker);
    void worker.ended.then(() => {
      this.#idle.delete(worker);
      if (this.#closed) return;
      const lost = worker.lost;
      if (lost) this.#options.events?.workerLost?.(lost.reason, lost.message);
      void this.#replace(FIRST_PAUSE_MS);
    });
    this.#dispatch();
  }

  async #replace(pauseMs: number): Promise<void> {
    const worker = new PoolWorker(this.#options.setup, this.#options.limits);
    this.#starting.add(worker);
    try {
      await worker.ready;
      if (this.#closed) await worker.stop();
      else this.#join(worker);
    } catch (error) {
      await worker.ended;
      if (this.#closed) return;
      this.#options.events?.replacementFailed?.(error as Error);
      const pause = setTimeout(() => {
        this.#pauses.delete(pause);
        void this.#replace(Math.min(pauseMs * 2, LONGEST_PAUSE_MS));
      }, pauseMs);
      this.#pauses.add(pause);
    } finally {
      this.#starting.delete(worker);
    }
  }
}
