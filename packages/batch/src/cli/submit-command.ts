/** `tacit batch submit` */
import { basename, extname } from 'node:path';
import { interruptible } from '@tacit/cli-kit';
import { SessionCancelledError } from '@tacit/daemon/processes';
import { requireFolder } from '@tacit/files';
import { BatchUsageError } from '../errors.js';
import { submitBatch } from '../folder/submit.js';
import { predictFile } from '../location.js';
import { awaitBatch, conclude } from './await-batch.js';
import { openPlace, openQueue, queueOf, sayer, type WorkFlags } from './flags.js';
import { computeHere } from './here.js';

/** Of `tacit batch submit`. */
export interface SubmitFlags extends WorkFlags {
  readonly with: readonly string[];
  readonly dealer: string;
  readonly rowsPerShard: number;
  readonly program?: string;
  readonly as?: string;
  readonly out?: string;
  readonly detach?: boolean;
}

/**
 * Makes a batch, and waits for it unless it is told not to.
 * @param input file of rows
 * @param args for the program
 * @param flags of the command line
 */
export async function submit(input: string, args: readonly string[], flags: SubmitFlags): Promise<void> {
  const { out, detach, dealer, rowsPerShard } = flags;
  if (detach && out !== undefined)
    throw new BatchUsageError(
      "--detach does not wait for results; fetch them by 'tacit batch status ID --out FILE'",
    );
  if (out !== undefined) requireFolder(out);
  const { organisation, batches } = await openPlace(flags);
  // Before anything is written: a queue that does not answer, members that nobody knows.
  const queue = queueOf(flags) === undefined ? undefined : await openQueue(flags);
  try {
    for (const name of [...flags.with, dealer])
      if (organisation.peers.get(name) === undefined) throw new BatchUsageError(`there is no peer '${name}'`);
    const programFile = flags.program ?? predictFile();
    const batch = await submitBatch({
      batches,
      input,
      programFile,
      program: flags.as ?? basename(programFile, extname(programFile)),
      arguments: args,
      with: flags.with,
      dealer,
      rowsPerShard,
    });
    const { id, shards } = batch.manifest;
    process.stdout.write(`batch  ${id}  ${batch.manifest.rows} rows  ${shards} shards of ${rowsPerShard}\n`);
    const open = Array.from({ length: shards }, (_, shard) => shard);
    await queue?.add(id, open);
    if (detach) return;
    await interruptible(
      async (signal) => {
        if (queue === undefined) await computeHere(batch, open, { organisation, batches, flags, signal });
        else await awaitBatch(batch, queue, { signal, quiet: flags.quiet === true, say: sayer(flags) });
      },
      () => new SessionCancelledError(organisation.name),
    );
    await conclude(batch, out);
  } finally {
    await queue?.close();
  }
}
