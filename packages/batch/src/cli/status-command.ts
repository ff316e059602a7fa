/** `tacit batch status` */
import { readdirSync } from 'node:fs';
import { table } from '@tacit/cli-kit';
import { writeNumbers } from '@tacit/files';
import { homeFolder } from '@tacit/identity';
import { BatchUsageError } from '../errors.js';
import { BatchFolder } from '../folder/batch-folder.js';
import type { QueueDepth } from '../metrics.js';
import { batchesOf, openQueue, type PlaceFlags, queueOf } from './flags.js';

/** Of `tacit batch status`. */
export interface StatusFlags extends PlaceFlags {
  readonly out?: string;
  readonly json?: boolean;
}

/**
 * Prints how far batches are.
 * @param id of one, or undefined for all
 * @param flags of the command line
 */
export async function status(id: string | undefined, flags: StatusFlags): Promise<void> {
  const batches = batchesOf(flags, homeFolder(flags.home));
  if (id === undefined && flags.out !== undefined)
    throw new BatchUsageError('the results of which batch? Give its id');
  const found = id === undefined ? allIn(batches) : [BatchFolder.open(batches, id)];
  const reports = found.map(reportOf);
  const queue = await depthOf(flags);
  if (flags.json) process.stdout.write(`${JSON.stringify({ batches: reports, queue })}\n`);
  else print(reports, queue);
  const [only] = found;
  if (flags.out === undefined || only === undefined) return;
  const { shards } = only.manifest;
  const done = only.committed().size;
  if (done < shards)
    throw new BatchUsageError(`there are no results yet: ${done} of ${shards} shards are done`);
  writeNumbers(flags.out, await only.results(), 'float32');
}

type BatchReport = ReturnType<typeof reportOf>;

function reportOf(batch: BatchFolder) {
  const { id, created, program, rows, shards } = batch.manifest;
  const done = batch.committed();
  return {
    id,
    created,
    program: program.name,
    rows,
    shards,
    committed: done.size,
    failures: batch.failures(),
  };
}

async function depthOf(flags: PlaceFlags): Promise<QueueDepth | undefined> {
  if (queueOf(flags) === undefined) return undefined;
  const queue = await openQueue(flags);
  try {
    return await queue.depth();
  } finally {
    await queue.close();
  }
}

function print(reports: readonly BatchReport[], queue: QueueDepth | undefined): void {
  const rows = reports.map(({ id, created, program, shards, committed, failures, rows: count }) => [
    id,
    created.slice(0, 19),
    program,
    `${count} rows`,
    `${committed} of ${shards} shards`,
    failures.length > 0 ? `${failures.length} failed` : committed < shards ? 'open' : 'done',
  ]);
  const lines =
    rows.length > 0 ? table(['batch', 'created (UTC)', 'program', '', '', ''], rows) : ['no batches'];
  process.stdout.write(`${lines.join('\n')}\n`);
  for (const { failures } of reports)
    for (const { shard, code, message } of failures)
      process.stdout.write(`  shard ${shard}  [${code}] ${message}\n`);
  if (queue)
    process.stdout.write(
      `queue  ${queue.waiting} waiting  ${queue.delayed} later  ${queue.active} with workers  ${queue.failed} failed\n`,
    );
}

function allIn(batches: string): BatchFolder[] {
  let names: string[];
  try {
    names = readdirSync(batches);
  } catch {
    return [];
  }
  return names
    .filter((name) => /^[0-9a-f]{32}$/.test(name))
    .flatMap((name) => {
      try {
        return [BatchFolder.open(batches, name)];
      } catch {
        // It is being made, or taken away.
        return [];
      }
    })
    .sort((a, b) => (a.manifest.created < b.manifest.created ? -1 : 1));
}
