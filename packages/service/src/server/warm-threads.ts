/**
 * Threads that have read the model and wait for a client. Each serves one session and ends with it, so that nothing of one
 * client's is in memory when the next one comes.
 */
import type { PlannedProgram } from '@tacit/daemon/sessions';
import { type SessionThread, startThread } from '@tacit/daemon/sessions';

export interface WarmThreadsOptions {
  readonly kernels: WebAssembly.Module;
  readonly program: PlannedProgram;
  readonly memoryBytes?: number | undefined;
  /** How many wait. */
  readonly spares: number;
}

/** A client that has just come needs the processor more than the next one. */
const PAUSE_MS = 300;

export class WarmThreads {
  readonly #options: WarmThreadsOptions;
  readonly #spares: SessionThread[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** @param options what they run, and how many */
  constructor(options: WarmThreadsOptions) {
    this.#options = options;
    this.#fill();
  }

  /** One of them, or a fresh one; another one takes its place. */
  take(): SessionThread {
    const thread = this.#spares.shift() ?? this.#start();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#fill();
    }, PAUSE_MS);
    this.#timer.unref();
    return thread;
  }

  /** Ends those that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#spares.splice(0).map(({ worker }) => worker.terminate()));
  }

  #fill(): void {
    while (!this.#closed && this.#spares.length < this.#options.spares) {
      const thread = this.#start();
      // A spare that dies is not handed out; it is asked for again when somebody comes.
      const drop = (): void => {
        const at = this.#spares.indexOf(thread);
        if (at >= 0) this.#spares.splice(at, 1);
      };
      thread.worker.once('exit', drop);
      thread.worker.once('error', drop);
      thread.worker.unref();
      this.#spares.push(thread);
    }
  }

  #start(): SessionThread {
    const { kernels, program, memoryBytes } = this.#options;
    return startThread({ kernels, program, memoryBytes });
  }
}
