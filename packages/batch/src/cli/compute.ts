/** What commands that compute have in common: a runner of shards for this organisation, and a worker on a source. */
import type { Organisation } from '@tacit/daemon/processes';
import { BatchFolder } from '../folder/batch-folder.js';
import type { BatchMetrics } from '../metrics.js';
import { ShardRunner } from '../shard/run-shard.js';
import { type WorkSummary, work } from '../shard/work.js';
import type { ShardSource } from '../source/shard-source.js';
import { sayer, type WorkFlags } from './flags.js';

export interface ComputeOptions {
  readonly organisation: Organisation;
  readonly batches: string;
  readonly source: ShardSource;
  readonly flags: Pick<WorkFlags, 'sessions' | 'attempts' | 'quiet'>;
  readonly signal: AbortSignal;
  readonly metrics?: BatchMetrics;
  readonly onCommitted?: () => void;
}

/**
 * Works on a source until it ends, and writes the beginning and the end into the audit log.
 * @param options the organisation and its source
 * @returns what was done
 */
export async function compute(options: ComputeOptions): Promise<WorkSummary> {
  const { organisation, batches, source, flags, signal, metrics, onCommitted } = options;
  const { audit, identity, name, version } = organisation;
  const say = sayer(flags);
  const runner = new ShardRunner({ organisation, batches, attempts: flags.attempts, say });
  await audit.append({
    event: 'started',
    process: 'batch',
    fingerprint: identity.fingerprint,
    name,
    version,
  });
  try {
    return await work({
      source,
      run: async (task, during) => {
        const outcome = await runner.run(task, during);
        if (outcome.kind === 'committed') onCommitted?.();
        return outcome;
      },
      onFailed: ({ batch, shard }, error) => {
        const { code = 'UNKNOWN' } = error as { code?: string };
        BatchFolder.open(batches, batch).fail({ shard, code: String(code), message: error.message });
      },
      sessions: flags.sessions,
      signal,
      say,
      metrics,
    });
  } finally {
    await source.close();
    await audit.append({
      event: 'stopped',
      process: 'batch',
      reason: signal.aborted ? 'told to' : 'nothing left to do',
    });
  }
}
