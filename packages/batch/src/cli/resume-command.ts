/** `tacit batch resume` */
import { interruptible } from '@tacit/cli-kit';
import { SessionCancelledError } from '@tacit/daemon/processes';
import { BatchFolder } from '../folder/batch-folder.js';
import { awaitBatch, conclude } from './await-batch.js';
import { openPlace, openQueue, queueOf, sayer, type WorkFlags } from './flags.js';
import { computeHere } from './here.js';

/**
 * Puts what is not done back into the queue, or computes it here.
 * @param id of the batch
 * @param flags of the command line
 */
export async function resume(
  id: string,
  flags: WorkFlags & { readonly out?: string; readonly detach?: boolean },
): Promise<void> {
  const { organisation, batches } = await openPlace(flags);
  const batch = BatchFolder.open(batches, id);
  const queue = queueOf(flags) === undefined ? undefined : await openQueue(flags);
  try {
    const done = batch.committed();
    const open = Array.from({ length: batch.manifest.shards }, (_, shard) => shard).filter(
      (shard) => !done.has(shard),
    );
    const failed = batch.failures().map(({ shard }) => shard);
    for (const shard of failed) batch.clearFailure(shard);
    await queue?.add(id, open, failed);
    sayer(flags)(
      `${done.size} shards are done, ${open.length} are open${failed.length > 0 ? `, ${failed.length} of them had failed` : ''}`,
    );
    if (flags.detach) return;
    await interruptible(
      async (signal) => {
        if (queue === undefined) await computeHere(batch, open, { organisation, batches, flags, signal });
        else await awaitBatch(batch, queue, { signal, quiet: flags.quiet === true, say: sayer(flags) });
      },
      () => new SessionCancelledError(organisation.name),
    );
    await conclude(batch, flags.out);
  } finally {
    await queue?.close();
  }
}
