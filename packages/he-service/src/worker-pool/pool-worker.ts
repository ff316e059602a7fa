/** The pool's end of one worker thread. */
import { type Transferable, Worker } from 'node:worker_threads';
import { foreignCode } from '@tacit/errors';
import { threadModule } from '../location.js';
import type { LoadedModel } from './engine.js';
import {
  EngineRefusalError,
  EvaluationTimeoutError,
  type LossReason,
  WorkerLostError,
  WorkerStartError,
} from './errors.js';
import type { FromWorker, Task, TaskResult, ToWorker, WorkerSetup } from './messages.js';

/** What a worker thread may take. */
export interface WorkerLimits {
  /** Largest JavaScript heap of a worker, in MiB; WebAssembly memory has its own maximum. */
  readonly heapMiB: number;
  /** Longest time of a start with all models, in milliseconds. */
  readonly startMs: number;
}

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function lossReason(error: Error): LossReason {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out-of-memory' : 'crashed';
}

export class PoolWorker {
  /** Names of keys in the worker's cache, as of its last answer. */
  #cachedKeys: ReadonlySet<string> = new Set();
  readonly #thread: Worker;
  #starting: Waiting<readonly LoadedModel[]> | undefined;
  #running: Waiting<TaskResult> | undefined;
  #lost: WorkerLostError | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Resolves when the thread has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Resolves with the models when the worker can take tasks. */
  readonly ready: Promise<readonly LoadedModel[]>;

  constructor(setup: WorkerSetup, limits: WorkerLimits) {
    this.#thread = new Worker(threadModule('worker-pool/worker-main'), {
      name: 'he-worker',
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMiB },
    });
    this.#thread.on('message', (message: FromWorker) => this.#hear(message));
    this.#thread.on('messageerror', (error) => this.#lose('crashed', error.message));
    this.#thread.on('error', (error) => this.#lose(lossReason(error), error.message));
    this.ended = new Promise((resolve) => {
      this.#thread.once('exit', (code) => {
        this.#lose('crashed', `the thread ended with code ${code}`);
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      this.#starting = { resolve, reject };
      this.#timer = setTimeout(
        () => this.#lose('timeout', `no start in ${limits.startMs} ms`),
        limits.startMs,
      );
    });
    // Whoever starts a pool waits for `ready`; a failure that nobody waits for yet must not end the process.
    this.ready.catch(() => {});
  }

  get lost(): WorkerLostError | undefined {
    return this.#lost;
  }

  hasKeys(tag: string, modelId: string): boolean {
    return this.#cachedKeys.has(`${tag} ${modelId}`);
  }

  dropKey(tag: string): void {
    this.#post({ type: 'drop-key', tag });
  }

  /**
   * Runs one task; the worker must be idle. Rejects with EngineRefusalError, EvaluationTimeoutError or
   * WorkerLostError; after the last two the worker is lost.
   */
  run(task: Task, limitMs: number): Promise<TaskResult> {
    if (this.#lost) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#running = { resolve, reject };
      this.#timer = setTimeout(() => {
        this.#settle()?.reject(new EvaluationTimeoutError(limitMs));
        this.#lose('timeout', `no answer in ${limitMs} ms`);
      }, limitMs);
      this.#post({ type: 'task', task });
    });
  }

  /** Ends the thread, also in the middle of a task. */
  async stop(): Promise<void> {
    this.#lose('crashed', 'the pool stopped it');
    await this.ended;
  }

  #post(message: ToWorker): void {
    const none: Transferable[] = [];
    this.#thread.postMessage(message, none);
  }

  #settle(): Waiting<TaskResult> | undefined {
    clearTimeout(this.#timer);
    const running = this.#running;
    this.#running = undefined;
    return running;
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        clearTimeout(this.#timer);
        this.#starting?.resolve(message.models);
        this.#starting = undefined;
        return;
      case 'unusable':
        this.#starting?.reject(new WorkerStartError(message.artefact, message.code, message.message));
        this.#starting = undefined;
        this.#lose('engine-failed', message.message);
        return;
      case 'done':
        this.#cachedKeys = new Set(message.cachedKeys);
        this.#settle()?.resolve(message.result);
        return;
      case 'refused':
        this.#cachedKeys = new Set(message.cachedKeys);
        this.#settle()?.reject(new EngineRefusalError(foreignCode(message.code), message.message));
        return;
      case 'failed':
        this.#lose('engine-failed', message.message);
    }
  }

  #lose(reason: LossReason, detail: string): void {
    if (this.#lost) return;
    this.#lost = new WorkerLostError(reason, detail);
    this.#settle()?.reject(this.#lost);
    this.#starting?.reject(new WorkerStartError(-1, reason, detail));
    this.#starting = undefined;
    void this.#thread.terminate();
  }
}
