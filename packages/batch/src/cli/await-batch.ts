/** Waits for a batch, and brings its results. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Progress } from '@tacit/cli-kit';
import { writeNumbers } from '@tacit/files';
import { BatchFailedError } from '../errors.js';
import type { BatchFolder } from '../folder/batch-folder.js';
import type { BullQueue } from '../source/bull-queue.js';

const LOOK_MS = 500;
/** How often the queue is asked whether it still has entries. */
const ASK_MS = 10_000;

/**
 * Waits until each shard is committed or has failed for good, and shows how many are.
 * @param batch that workers compute
 * @param queue that they take it from
 * @param options `signal` gives up; `quiet`: show nothing; `say` gets lines
 */
export async function awaitBatch(
  batch: BatchFolder,
  queue: BullQueue,
  { signal, quiet, say }: { signal: AbortSignal; quiet: boolean; say: (text: string) => void },
): Promise<void> {
  const { id, shards } = batch.manifest;
  const progress = new Progress(quiet);
  const began = performance.now();
  let askAt = began + ASK_MS;
  let empty = 0;
  try {
    for (;;) {
      const [done, failed] = [batch.committed().size, batch.failures().length];
      progress.show(progressLine(batch, began));
      if (done + failed >= shards) return;
      if (performance.now() > askAt) {
        askAt = performance.now() + ASK_MS;
        // It is not this command that needs the queue; what its workers say of it is enough.
        const depth = await queue.depth().catch(() => undefined);
        const gone = depth && depth.waiting + depth.delayed + depth.active === 0;
        empty = gone ? empty + 1 : 0;
        if (empty === 2)
          say(
            `the queue is empty, and ${shards - done - failed} shards are open: has it lost its entries? 'tacit batch resume ${id}' puts them back`,
          );
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    progress.end();
  }
}

/**
 * A line about how far a batch is.
 * @param batch the batch
 * @param began when the command began, by `performance.now()`
 * @returns without its end
 */
export function progressLine(batch: BatchFolder, began: number): string {
  const { shards, rows } = batch.manifest;
  const done = batch.committed();
  const failed = batch.failures().length;
  const rowsDone = [...done].reduce((sum, shard) => sum + batch.realRows(shard), 0);
  const seconds = Math.round((performance.now() - began) / 1000);
  return `${done.size} of ${shards} shards, ${rowsDone} of ${rows} rows, ${failed > 0 ? `${failed} failed, ` : ''}${seconds} s`;
}

/**
 * Ends a command: writes the results, or says what failed.
 * @param batch of which all was tried
 * @param out where the results go, if they go anywhere
 * @throws BatchFailedError, FileError
 */
export async function conclude(batch: BatchFolder, out: string | undefined): Promise<void> {
  const { id, rows, shards } = batch.manifest;
  const [first, ...others] = batch.failures();
  if (first !== undefined)
    throw new BatchFailedError(id, others.length + 1, `[${first.code}] ${first.message}`);
  if (out !== undefined) writeNumbers(out, await batch.results(), 'float32');
  process.stdout.write(`done  ${id}  ${rows} rows  ${shards} shards${out === undefined ? '' : `  ${out}`}\n`);
}
