/** Computes what is open of a batch in this process: for those who have no queue. */
import { Progress } from '@tacit/cli-kit';
import type { Organisation } from '@tacit/daemon/processes';
import type { BatchFolder } from '../folder/batch-folder.js';
import { InProcessSource } from '../source/in-process.js';
import { progressLine } from './await-batch.js';
import { compute } from './compute.js';
import { sayer, type WorkFlags } from './flags.js';

/**
 * Computes all open shards, one after another or several at a time.
 * @param batch the batch
 * @param open its shards that are not done
 * @param options the organisation, flags, and what ends it
 */
export async function computeHere(
  batch: BatchFolder,
  open: readonly number[],
  options: {
    readonly organisation: Organisation;
    readonly batches: string;
    readonly flags: WorkFlags;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { flags, signal } = options;
  const { id } = batch.manifest;
  sayer(flags)(
    `there is no queue: this process computes all shards itself, and nobody goes on if it ends. 'tacit batch resume ${id}' does then`,
  );
  const progress = new Progress(flags.quiet === true);
  const began = performance.now();
  const show = (): void => progress.show(progressLine(batch, began));
  show();
  try {
    await compute({
      ...options,
      source: new InProcessSource(open.map((shard) => ({ batch: id, shard }))),
      onCommitted: show,
    });
  } finally {
    progress.end();
  }
  signal.throwIfAborted();
}
