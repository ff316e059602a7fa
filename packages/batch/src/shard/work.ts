/** A worker: takes shards of a source, several at a time, until there are none or it is told to end. */
import type { BatchMetrics } from '../metrics.js';
import { pause } from '../source/abortable.js';
import type { ShardSource, ShardTask } from '../source/shard-source.js';
import type { ShardOutcome } from './run-shard.js';

/** What a worker works with. */
export interface WorkOptions<T extends ShardTask> {
  readonly source: ShardSource<T>;
  /** Runs one shard. Throws only if the signal is aborted, or there is no such batch. */
  readonly run: (task: T, signal: AbortSignal) => Promise<ShardOutcome>;
  /** Writes down that a shard failed for good. */
  readonly onFailed: (task: T, error: Error) => void;
  /** Shards at a time. Each is a session in a thread of its own. */
  readonly sessions: number;
  /** Takes no more shards, and gives those back that run. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
  readonly metrics?: BatchMetrics | undefined;
}

/** The longest that a worker whose shards find no place takes none. */
const BUSY_MS = 15_000;

/** What a worker has done. */
export interface WorkSummary {
  readonly committed: number;
  readonly failed: number;
}

/**
 * Works until the source has no more shards, or the signal is aborted.
 * @param options where shards come from, and what runs them
 * @returns how many were committed and failed here
 * @throws what is wrong with this worker and not with a shard: its disk, its audit log, its settings. The shards that it
 *   had go back to the source
 * @example
 * await work({ source, run: (task, signal) => runner.run(task, signal), sessions: 2, signal, say, onFailed });
 */
export async function work<T extends ShardTask>(options: WorkOptions<T>): Promise<WorkSummary> {
  const summary = { committed: 0, failed: 0 };
  const halt = new AbortController();
  const signal = AbortSignal.any([options.signal, halt.signal]);
  const lane = async (): Promise<void> => {
    let busy = 0;
    for (let task = await options.source.next(signal); task; task = await options.source.next(signal)) {
      const outcome = await oneShard(task, { ...options, signal });
      // Members that had no place for this shard have none for the next one.
      busy = outcome?.kind === 'later' ? busy + 1 : 0;
      if (outcome?.kind === 'later')
        await pause(Math.min(outcome.delayMs * 2 ** (busy - 1), BUSY_MS), signal);
      if (outcome?.kind === 'committed') summary.committed++;
      if (outcome?.kind === 'failed') summary.failed++;
      if (outcome?.kind === 'halt') throw outcome.error;
    }
  };
  const lanes = Array.from({ length: options.sessions }, () =>
    lane().catch((error) => {
      halt.abort(error);
      throw error;
    }),
  );
  const ended = await Promise.allSettled(lanes);
  const broken = ended.find((one) => one.status === 'rejected');
  if (broken) throw halt.signal.reason;
  return summary;
}

/** Runs a shard, and tells the source how it ended; undefined if this worker is told to end. */
async function oneShard<T extends ShardTask>(
  task: T,
  { source, run, onFailed, signal, say, metrics }: WorkOptions<T>,
): Promise<ShardOutcome | undefined> {
  const name = `shard ${task.shard} of ${task.batch}`;
  const beat = setInterval(() => {
    source.heartbeat(task).catch((error: Error) => say(`${name}: ${error.message}`));
  }, source.heartbeatMs);
  const over = metrics?.begins();
  let outcome: ShardOutcome | undefined;
  try {
    outcome = await run(task, signal).catch((error: Error): ShardOutcome | undefined =>
      signal.aborted ? undefined : { kind: 'failed', error },
    );
  } finally {
    clearInterval(beat);
  }
  over?.(outcome?.kind ?? 'returned');
  // What became of it is in the batch's folder: a source that cannot hear it now lets it come again, for nothing.
  await settle(task, outcome, { source, onFailed, say, name }).catch((error: Error) =>
    say(`${name}: ${error.message}`),
  );
  return outcome;
}

async function settle<T extends ShardTask>(
  task: T,
  outcome: ShardOutcome | undefined,
  { source, onFailed, say, name }: Pick<WorkOptions<T>, 'source' | 'onFailed' | 'say'> & { name: string },
): Promise<void> {
  switch (outcome?.kind) {
    case 'committed':
      return source.done(task);
    case 'later':
    case 'again': {
      const { kind, delayMs, error } = outcome;
      if (kind === 'again') say(`${name}: ${error.message}; again in ${(delayMs / 1000).toFixed(1)} s`);
      return source.retryLater(task, delayMs, error.message);
    }
    case 'failed':
      say(`${name} failed: ${outcome.error.message}`);
      onFailed(task, outcome.error);
      return source.fail(task, outcome.error);
    default:
      return source.retryLater(task, 0, outcome?.error.message ?? 'its worker was told to end');
  }
}
