/**
 * Shards of one batch in a list of this process, for those who have no queue. This is no engine: it ends with its process,
 * retries nothing across crashes, and knows of no other worker. What was committed stays committed, and a batch that was
 * interrupted goes on with a new list of what is open.
 */
import type { ShardSource, ShardTask } from './shard-source.js';

interface Waiting {
  readonly task: ShardTask;
  readonly notBefore: number;
}

/** A list of shards. */
export class InProcessSource implements ShardSource {
  readonly heartbeatMs = 60_000;
  readonly #waiting: Waiting[];
  readonly #out = new Set<ShardTask>();
  /** Called when something has come back or is over. */
  #wake: (() => void)[] = [];

  /** @param tasks all that are to be computed, in their order */
  constructor(tasks: readonly ShardTask[]) {
    this.#waiting = tasks.map((task) => ({ task, notBefore: 0 }));
  }

  async next(signal: AbortSignal): Promise<ShardTask | undefined> {
    for (;;) {
      if (signal.aborted) return undefined;
      const now = performance.now();
      const at = this.#waiting.findIndex(({ notBefore }) => notBefore <= now);
      const [found] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (found) {
        this.#out.add(found.task);
        return found.task;
      }
      if (this.#waiting.length === 0 && this.#out.size === 0) return undefined;
      const soonest = Math.min(...this.#waiting.map(({ notBefore }) => notBefore));
      await this.#change(soonest - now, signal);
    }
  }

  async heartbeat(): Promise<void> {}

  async done(task: ShardTask): Promise<void> {
    this.#over(task);
  }

  async fail(task: ShardTask): Promise<void> {
    this.#over(task);
  }

  async retryLater(task: ShardTask, delayMs: number): Promise<void> {
    this.#waiting.push({ task, notBefore: performance.now() + delayMs });
    this.#over(task);
  }

  async close(): Promise<void> {}

  #over(task: ShardTask): void {
    this.#out.delete(task);
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Resolves after so many ms, or when something has changed. */
  #change(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      const timer = Number.isFinite(ms) ? setTimeout(settle, Math.max(0, ms)) : undefined;
      signal.addEventListener('abort', settle);
      this.#wake.push(settle);
    });
  }
}
