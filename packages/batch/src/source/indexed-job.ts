/**
 * A process for one shard, as a Kubernetes Indexed Job starts them: its index is the number of the shard. There is no
 * queue; the Job starts a pod again that died. What cannot begin now is tried again in the process, for a while.
 */
import { BatchUsageError, ShardWaitError } from '../errors.js';
import { pause } from './abortable.js';
import type { ShardSource, ShardTask } from './shard-source.js';

/** Which variable says the index in a pod of an Indexed Job. */
export const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/**
 * The index of this process.
 * @param given on the command line, or by commander from the environment
 * @param env environment
 * @returns a whole number from 0
 * @throws BatchUsageError where there is none
 */
export function indexOf(given: string | undefined, env: NodeJS.ProcessEnv): number {
  const text = given ?? env[INDEX_VARIABLE];
  if (text === undefined)
    throw new BatchUsageError(
      `which shard? Give --index, or start the process by an Indexed Job, which sets ${INDEX_VARIABLE}`,
    );
  if (!/^\d{1,9}$/.test(text))
    throw new BatchUsageError(`the index of a shard is a whole number from 0, not '${text.slice(0, 20)}'`);
  return Number(text);
}

/** One shard, and no other. */
export class IndexedJobSource implements ShardSource {
  readonly heartbeatMs = 60_000;
  readonly #waitMs: number;
  readonly #deadline: number;
  #next: { readonly task: ShardTask; readonly notBefore: number } | undefined;
  #failure: Error | undefined;

  /**
   * Begins with the shard.
   * @param task the shard
   * @param waitMs how long members may be absent or busy, and attempts fail, before the process ends
   */
  constructor(task: ShardTask, waitMs: number) {
    this.#next = { task, notBefore: 0 };
    this.#waitMs = waitMs;
    this.#deadline = performance.now() + waitMs;
  }

  /** Why it is not done; undefined if it is. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  async next(signal: AbortSignal): Promise<ShardTask | undefined> {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) return undefined;
    const ms = next.notBefore - performance.now();
    if (ms > 0) await pause(ms, signal);
    return signal.aborted ? undefined : next.task;
  }

  async heartbeat(): Promise<void> {}

  async done(): Promise<void> {}

  async retryLater(task: ShardTask, delayMs: number, reason: string): Promise<void> {
    const notBefore = performance.now() + delayMs;
    if (notBefore > this.#deadline) this.#failure = new ShardWaitError(task.shard, this.#waitMs, reason);
    else this.#next = { task, notBefore };
  }

  async fail(_task: ShardTask, error: Error): Promise<void> {
    this.#failure = error;
  }

  async close(): Promise<void> {}
}
