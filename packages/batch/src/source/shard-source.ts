/** Where shards come from: an existing queue, a Kubernetes Job, or a list in this process. */

/** A shard to be computed. */
export interface ShardTask {
  readonly batch: string;
  /** From 0. */
  readonly shard: number;
}

/** Says who computes which shard next. Each shard comes at least once; that it is committed once is not the source's. */
export interface ShardSource<T extends ShardTask = ShardTask> {
  /** How often `heartbeat` wants to be called while a shard is computed, in ms. */
  readonly heartbeatMs: number;
  /**
   * The next shard, once there is one.
   * @param signal gives up
   * @returns undefined if no more will come, or the signal is aborted
   */
  next(signal: AbortSignal): Promise<T | undefined>;
  /** The shard is still being computed here. */
  heartbeat(task: T): Promise<void>;
  /** The shard is committed. */
  done(task: T): Promise<void>;
  /**
   * The shard is to come again.
   * @param task as it came
   * @param delayMs not before that time
   * @param reason for people
   */
  retryLater(task: T, delayMs: number, reason: string): Promise<void>;
  /** The shard failed for good. */
  fail(task: T, error: Error): Promise<void>;
  /** Lets go of connections. */
  close(): Promise<void>;
}
