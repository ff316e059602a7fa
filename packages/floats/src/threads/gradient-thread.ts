/** One thread that computes a share of each pass. */
import { Worker } from 'node:worker_threads';
import { foreignCode, TacitError } from '@tacit/errors';
import { FloatsThreadError } from '../errors.js';
import { threadModule } from '../location.js';
import type { Job, Sums } from '../loss/job.js';
import type { FromThread, ToThread } from './messages.js';

interface Waiting {
  readonly resolve: (sums: Sums | undefined) => void;
  readonly reject: (error: Error) => void;
  readonly onPassed: (count: number) => void;
}

export class GradientThread {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #waiting: Waiting | undefined;
  #lost: Error | undefined;
  /** Resolves when the thread can take passes. */
  readonly ready: Promise<void>;

  constructor(job: Job) {
    this.#worker = new Worker(threadModule('threads/worker-main'), { name: 'gradients', workerData: job });
    this.#worker.on('message', (message: FromThread) => this.#hear(message));
    this.#worker.on('messageerror', (error) => this.#lose(new FloatsThreadError(error.message)));
    this.#worker.on('error', (error) => this.#lose(new FloatsThreadError(error.message)));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#lose(new FloatsThreadError(`it ended with code ${code}`));
        resolve();
      });
    });
    this.ready = this.#expect(() => {}).then(() => undefined);
    // Whoever opens waits for all threads; one that fails before must not end the process.
    this.ready.catch(() => {});
  }

  /** Runs the thread's share of a pass. */
  run(message: ToThread, onPassed: (count: number) => void): Promise<Sums> {
    const result = this.#expect(onPassed) as Promise<Sums>;
    // Shared memory stays where it is, so that there is nothing to transfer.
    if (!this.#lost) this.#worker.postMessage(message, []);
    return result;
  }

  /** Ends the thread, also in the middle of a pass. */
  async close(): Promise<void> {
    this.#lost ??= new FloatsThreadError('it was closed');
    await this.#worker.terminate();
    await this.#ended;
  }

  #expect(onPassed: (count: number) => void): Promise<Sums | undefined> {
    const lost = this.#lost;
    if (lost) return Promise.reject(lost);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, onPassed };
    });
  }

  #hear(message: FromThread): void {
    const waiting = this.#waiting;
    if (message.type === 'passed') {
      waiting?.onPassed(message.count);
      return;
    }
    this.#waiting = undefined;
    if (message.type === 'failed')
      waiting?.reject(
        message.code === undefined
          ? new FloatsThreadError(message.message)
          : new TacitError(foreignCode(message.code), message.message),
      );
    else waiting?.resolve(message.type === 'done' ? message.sums : undefined);
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(this.#lost);
  }
}
