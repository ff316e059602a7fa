/** `tacit batch shard` */
import { interruptible } from '@tacit/cli-kit';
import { SessionCancelledError } from '@tacit/daemon/processes';
import { BatchFailedError, BatchUsageError, ShardWaitError } from '../errors.js';
import { BatchFolder } from '../folder/batch-folder.js';
import { IndexedJobSource, indexOf } from '../source/indexed-job.js';
import { compute } from './compute.js';
import { openPlace, type WorkFlags } from './flags.js';

/** Of `tacit batch shard`. */
export interface ShardFlags extends WorkFlags {
  readonly index?: string;
}

/**
 * Computes one shard. The exit code says what a Job should do: 0 done, 75 start it again, 65 it would fail again.
 * @param id of the batch
 * @param flags of the command line
 */
export async function runShard(id: string, flags: ShardFlags): Promise<void> {
  const shard = indexOf(flags.index, process.env);
  const { organisation, batches } = await openPlace(flags);
  const { shards } = BatchFolder.open(batches, id).manifest;
  if (shard >= shards)
    throw new BatchUsageError(`batch ${id} has ${shards} shards, from 0: there is no shard ${shard}`);
  const source = new IndexedJobSource({ batch: id, shard }, organisation.config.session.wait);
  await interruptible(
    async (signal) => {
      await compute({ organisation, batches, source, flags: { ...flags, sessions: 1 }, signal });
      signal.throwIfAborted();
    },
    () => new SessionCancelledError(organisation.name),
  );
  const { failure } = source;
  if (failure instanceof ShardWaitError) throw failure;
  if (failure !== undefined) throw new BatchFailedError(id, 1, failure.message);
  process.stdout.write(`done  ${id}  shard ${shard}\n`);
}
