/** `tacit batch work` */
import { hostPort, interruptible } from '@tacit/cli-kit';
import { durationOf, type OperateServer, startOperate } from '@tacit/daemon';
import { SessionCancelledError } from '@tacit/daemon/processes';
import { BatchUsageError } from '../errors.js';
import { BatchMetrics } from '../metrics.js';
import { compute } from './compute.js';
import { openPlace, openQueue, sayer, type WorkFlags } from './flags.js';

/** Who asks for metrics waits ten seconds at most. */
const SCRAPE_MS = 3000;

/** Of `tacit batch work`. */
export interface WorkerFlags extends WorkFlags {
  readonly lease: string;
}

/**
 * Works on the queue until a signal ends it; its shards go back to the queue then.
 * @param flags of the command line
 */
export async function runWorker(flags: WorkerFlags): Promise<void> {
  const leaseMs = durationOf(flags.lease);
  if (!(leaseMs !== undefined && leaseMs >= 1000 && leaseMs <= 3_600_000))
    throw new BatchUsageError(`--lease is a duration from 1s to 1h, not '${flags.lease}'`);
  const { organisation, batches } = await openPlace(flags);
  const queue = await openQueue(flags, leaseMs);
  const metrics = new BatchMetrics(flags.sessions, () => queue.depth(SCRAPE_MS));
  let operate: OperateServer | undefined;
  try {
    operate = await startMetrics(flags.metrics, metrics);
    await interruptible(
      async (signal) => {
        const source = await queue.source();
        process.stdout.write(`worker ${organisation.name}  ${flags.sessions} sessions\n`);
        const { committed, failed } = await compute({
          organisation,
          batches,
          source,
          flags,
          signal,
          metrics,
        });
        sayer(flags)(`${committed} shards committed, ${failed} failed`);
      },
      () => new SessionCancelledError(organisation.name),
    );
  } finally {
    await operate?.close();
    await queue.close();
  }
}

async function startMetrics(
  text: string | undefined,
  metrics: BatchMetrics,
): Promise<OperateServer | undefined> {
  if (text === undefined) return undefined;
  const where = hostPort(text);
  if (where === undefined) throw new BatchUsageError(`--metrics is HOST:PORT, not '${text}'`);
  return startOperate({ host: where.host, port: Number(where.port), ready: () => true, metrics });
}
