/**
 * A batch on the disk of the organisation that leads it: its rows in shards, what has been committed, which attempts have
 * been made. All of its workers see this folder; the queue says only who does what next, and may be lost.
 *
 *   <batches>/<id>/batch.json            what the batch is, written last
 *   <batches>/<id>/rows/<shard>.npy      rows of a shard, all of the same number
 *   <batches>/<id>/results/<shard>.npy   results of its rows, created once
 *   <batches>/<id>/attempts/<shard>/…    numbers of attempts
 *   <batches>/<id>/failed/<shard>.json   why a shard failed for good, until it is resumed
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNpy, type Numbers, npyNumbers, parseNpy, readWhole, writeAtomically } from '@tacit/files';
import { BatchFilesError, BatchUnknownError } from '../errors.js';
import { type AttemptNumber, countBegun, takeAttempt } from './attempts.js';
import { createOnce } from './durable.js';
import { type Manifest, readManifest } from './manifest.js';

/** Why a shard failed for good. */
export interface ShardFailure {
  readonly shard: number;
  readonly code: string;
  readonly message: string;
}

/** A batch that was submitted. */
export class BatchFolder {
  readonly manifest: Manifest;
  readonly #path: string;

  private constructor(path: string, manifest: Manifest) {
    this.#path = path;
    this.manifest = manifest;
  }

  /**
   * Opens a batch.
   * @param batches folder of all batches
   * @param id of the batch
   * @returns the batch
   * @throws BatchUnknownError, BatchFilesError
   */
  static open(batches: string, id: string): BatchFolder {
    const path = join(batches, id);
    const manifest = /^[0-9a-f]{32}$/.test(id) ? readManifest(join(path, 'batch.json')) : undefined;
    if (manifest === undefined) throw new BatchUnknownError(id, batches);
    return new BatchFolder(path, manifest);
  }

  /**
   * Where the rows of a shard are.
   * @param shard from 0
   * @returns path of a .npy file
   */
  rowsPath(shard: number): string {
    return join(this.#path, 'rows', `${shard}.npy`);
  }

  /**
   * Which shards are committed.
   * @returns their numbers
   */
  committed(): ReadonlySet<number> {
    return new Set(numbersIn(join(this.#path, 'results'), '.npy'));
  }

  /**
   * Whether a shard is committed.
   * @param shard from 0
   * @returns true if there is a result
   */
  isCommitted(shard: number): boolean {
    return existsSync(this.#resultPath(shard));
  }

  /**
   * How many rows of a shard are rows of the batch; the last one may be filled up.
   * @param shard from 0
   * @returns from 1 to `rowsPerShard`
   */
  realRows(shard: number): number {
    const { rows, rowsPerShard } = this.manifest;
    return Math.min(rowsPerShard, rows - shard * rowsPerShard);
  }

  /**
   * Commits the result of a shard, once.
   * @param shard from 0
   * @param result of all of its rows, those that fill it up as well, which are left out
   * @returns false if another run was faster, whose result stays
   * @throws FileError where it cannot be written
   */
  commit(shard: number, { shape, data }: Numbers): boolean {
    const rows = this.realRows(shard);
    const [, ...rest] = shape;
    const kept = data.subarray(0, rows * rest.reduce((product, d) => product * d, 1));
    const done = createOnce(this.#resultPath(shard), encodeNpy([rows, ...rest], Float64Array.from(kept)));
    this.clearFailure(shard);
    return done;
  }

  /**
   * Takes the number of the next attempt at a shard.
   * @param shard from 0
   * @param least the lowest that will do
   * @returns the number
   */
  takeAttempt(shard: number, least?: number): AttemptNumber {
    return takeAttempt(join(this.#path, 'attempts', String(shard)), least);
  }

  /**
   * How many attempts at a shard have begun.
   * @param shard from 0
   * @returns the count
   */
  attempts(shard: number): number {
    return countBegun(join(this.#path, 'attempts', String(shard)));
  }

  /**
   * Writes down that a shard failed for good.
   * @param failure why
   */
  fail(failure: ShardFailure): void {
    const text = `${JSON.stringify(failure)}\n`;
    writeAtomically(this.#failedPath(failure.shard), new TextEncoder().encode(text), { mode: 0o600 });
  }

  /**
   * Forgets that a shard failed: it is tried again, or was committed.
   * @param shard from 0
   */
  clearFailure(shard: number): void {
    rmSync(this.#failedPath(shard), { force: true });
  }

  /**
   * The shards that failed for good.
   * @returns in the order of their numbers
   */
  failures(): ShardFailure[] {
    const folder = join(this.#path, 'failed');
    return numbersIn(folder, '.json').flatMap((shard) => {
      // Another worker may have been luckier.
      if (this.isCommitted(shard)) return [];
      try {
        return [JSON.parse(readFileSync(join(folder, `${shard}.json`), 'utf8')) as ShardFailure];
      } catch {
        // It was cleared meanwhile.
        return [];
      }
    });
  }

  /**
   * The results of all rows, in their order.
   * @returns shape and elements
   * @throws BatchFilesError where a shard is missing or does not fit the others
   */
  async results(): Promise<Numbers> {
    const { rows, shards } = this.manifest;
    let rest: readonly number[] = [];
    let data = new Float64Array();
    let filled = 0;
    for (let shard = 0; shard < shards; shard++) {
      const path = this.#resultPath(shard);
      const array = await readWhole(path)
        .then(parseNpy)
        .catch((cause: Error) => {
          throw new BatchFilesError(path, cause.message, { cause });
        });
      const [own, ...inner] = array.shape;
      if (shard === 0) {
        rest = inner;
        data = new Float64Array(rows * inner.reduce((product, d) => product * d, 1));
      }
      if (own !== this.realRows(shard) || inner.join() !== rest.join())
        throw new BatchFilesError(path, `its shape is [${array.shape}]`);
      const numbers = npyNumbers(array);
      data.set(numbers, filled);
      filled += numbers.length;
    }
    return { shape: [rows, ...rest], data };
  }

  #resultPath(shard: number): string {
    return join(this.#path, 'results', `${shard}.npy`);
  }

  #failedPath(shard: number): string {
    return join(this.#path, 'failed', `${shard}.json`);
  }
}

/** The numbers that files of a folder are called by. */
function numbersIn(folder: string, ending: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending) && /^\d+\./.test(name))
      .map((name) => parseInt(name, 10))
      .sort((a, b) => a - b);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
