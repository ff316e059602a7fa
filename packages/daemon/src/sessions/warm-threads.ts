/**
 * Threads that wait for a session with their modules loaded, and their program, if that is known beforehand. Each serves
 * one session and ends with it, so that nothing of one session is in memory when the next one comes.
 */
import { type SessionThread, startThread, type ThreadOptions } from './session-thread.js';

export interface WarmThreadsOptions extends Omit<ThreadOptions, 'captured'> {
  /** How many wait. */
  readonly spares: number;
}

/**
 * A session that has just begun needs the processor more than the next one: there is time while another thread waits, and
 * little where none does.
 */
const PAUSE_MS = { none: 1000, some: 10_000 };

export class WarmThreads {
  readonly #options: WarmThreadsOptions;
  readonly #spares: SessionThread[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the timer is a short one. */
  #soon = false;
  #closed = false;

  /** @param options what they run, and how many */
  constructor(options: WarmThreadsOptions) {
    this.#options = options;
    this.#fill();
  }

  /** One of them, or a fresh one; another one takes its place. */
  take(): SessionThread {
    const thread = this.#spares.shift() ?? this.#start();
    const none = this.#spares.length === 0;
    if (this.#timer === undefined || (none && !this.#soon)) {
      clearTimeout(this.#timer);
      this.#soon = none;
      this.#timer = setTimeout(() => this.#fill(), none ? PAUSE_MS.none : PAUSE_MS.some);
      this.#timer.unref();
    }
    return thread;
  }

  /** Ends those that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#spares.splice(0).map(({ worker }) => worker.terminate()));
  }

  #fill(): void {
    this.#timer = undefined;
    while (!this.#closed && this.#spares.length < this.#options.spares) {
      const thread = this.#start();
      // A spare that dies is not handed out; it is asked for again when somebody comes.
      const drop = (): void => {
        const at = this.#spares.indexOf(thread);
        if (at >= 0) this.#spares.splice(at, 1);
      };
      void thread.ended.then(drop);
      thread.worker.unref();
      this.#spares.push(thread);
    }
  }

  #start(): SessionThread {
    const { spares: _, ...thread } = this.#options;
    return startThread(thread);
  }
}
