/** Makes a batch of a file of rows. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hashProgram } from '@tacit/daemon';
import { encodeNpy, type Numbers, readNumbers, stageFile } from '@tacit/files';
import { BatchUsageError } from '../errors.js';
import { BatchFolder } from './batch-folder.js';
import { createOnce, makeFolder, syncFolder } from './durable.js';
import type { Manifest } from './manifest.js';

/** What is to be computed on which rows, with whom. */
export interface SubmitOptions {
  /** Folder of all batches. */
  readonly batches: string;
  /** The rows: a .npy file, one row an entry of its first axis, or a .csv file. */
  readonly input: string;
  /** This organisation's own copy of the program. */
  readonly programFile: string;
  /** What the others call it. */
  readonly program: string;
  readonly arguments?: readonly string[];
  /** The other parties, by rank from 1. */
  readonly with: readonly string[];
  readonly dealer: string;
  readonly rowsPerShard: number;
}

/** More would be more files than a folder should have, and more sessions than anybody waits for. */
const MOST_SHARDS = 1_000_000;

/**
 * Cuts rows into shards and writes them down as a batch. Every shard has as many rows, the last one filled up with zeros,
 * so that nobody learns how many rows there are beyond a multiple of `rowsPerShard`.
 * @param options rows, program and members
 * @returns the batch
 * @throws BatchUsageError, FileError, NpyFormatError, ArrayFileError, ProgramHashError
 * @example
 * const batch = await submitBatch({ batches, input: 'rows.npy', programFile, program: 'predict',
 *   with: ['bob'], dealer: 'carol', rowsPerShard: 256 });
 */
export async function submitBatch(options: SubmitOptions): Promise<BatchFolder> {
  const { batches, input, rowsPerShard, dealer } = options;
  if (!Number.isSafeInteger(rowsPerShard) || rowsPerShard < 1 || rowsPerShard >= 2 ** 31)
    throw new BatchUsageError(`rows a shard are a whole number from 1 to 2147483647, not ${rowsPerShard}`);
  const file = resolve(options.programFile);
  const { hash } = await hashProgram(file);
  const numbers = await readNumbers(input);
  const [rows = 0, ...rowShape] = numbers.shape;
  if (rows === 0) throw new BatchUsageError(`${input} has no rows`);
  const shards = Math.ceil(rows / rowsPerShard);
  if (shards > MOST_SHARDS)
    throw new BatchUsageError(
      `that would be ${shards} shards, and ${MOST_SHARDS} may be; give each more rows`,
    );
  const manifest: Manifest = {
    version: 1,
    id: randomBytes(16).toString('hex'),
    created: new Date().toISOString(),
    program: { name: options.program, file, hash, arguments: [...(options.arguments ?? [])] },
    with: [...options.with],
    dealer,
    rows,
    rowsPerShard,
    shards,
    rowShape,
  };
  const path = join(batches, manifest.id);
  try {
    for (const folder of ['rows', 'results', 'attempts', 'failed']) makeFolder(join(path, folder));
    for (let shard = 0; shard < shards; shard++)
      stageFile(join(path, 'rows', `${shard}.npy`), rowsOf(numbers, shard, rowsPerShard), {
        mode: 0o600,
      }).commit();
    syncFolder(join(path, 'rows'));
    // The batch is there when this is.
    createOnce(join(path, 'batch.json'), new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`));
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
  return BatchFolder.open(batches, manifest.id);
}

/** The file of a shard. */
function rowsOf({ shape, data }: Numbers, shard: number, rows: number): Uint8Array {
  const [, ...rest] = shape;
  const size = rest.reduce((product, d) => product * d, 1);
  const part = new Float64Array(rows * size);
  part.set(data.subarray(shard * rows * size, (shard + 1) * rows * size));
  return encodeNpy([rows, ...rest], part);
}
