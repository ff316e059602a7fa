/** Key files on the disk: readable by their owner only, complete or not there, and never in place of another file. */
import { existsSync, statSync } from 'node:fs';
import { FileError, readWhole, requireFolder, type StagedFile, stageFile } from '@tacit/files';
import { LockKeyError } from '../errors.js';
import { decodeKey, encodeKey, type KeyReadOptions, type KeyWriteOptions } from './encode.js';
import { type KeyKind, keyFormat, type LockKey } from './key.js';

/** How a key is written to a file. */
export interface KeyFileOptions extends KeyWriteOptions {
  /** Write in place of a file that is there. Default false: without its key, a locked model is lost. */
  readonly force?: boolean;
}

const LARGEST_FILE = 64 * 2 ** 20;

/**
 * Checks, before work begins, that a key can be written.
 * @param path of the key
 * @param force whether it may take the place of a file
 * @throws LockKeyError (`LOCK_KEY_EXISTS`) where there is one; FileError where its folder is missing
 */
export function requireNewKey(path: string, force = false): void {
  requireFolder(path);
  if (!force && existsSync(path)) throw exists(path);
}

const exists = (path: string, cause?: unknown): LockKeyError =>
  new LockKeyError(
    'LOCK_KEY_EXISTS',
    `${path} is there already and may be the key of another model: it is not replaced; choose another name`,
    { cause },
  );

/**
 * A key that takes its place only at `commit()`, for what is written together with it.
 * @param path of the key
 * @param kind how bodies of its kind are written
 * @param key the key
 * @param options passphrase, form, and whether it may take the place of a file
 * @returns how to put it in its place, and how to remove it
 * @throws LockKeyError (`LOCK_KEY_EXISTS`); FileError; ArgumentError for an empty passphrase
 */
export async function stageKey<T>(
  path: string,
  kind: KeyKind<T>,
  key: LockKey<T>,
  options: KeyFileOptions = {},
): Promise<StagedFile> {
  const { force = false } = options;
  requireNewKey(path, force);
  const staged = stageFile(path, await encodeKey(kind, key, options), { mode: 0o600, exclusive: !force });
  const commit = (): void => {
    try {
      staged.commit();
    } catch (error) {
      const taken = error instanceof FileError && (error.cause as NodeJS.ErrnoException)?.code === 'EEXIST';
      throw taken ? exists(path, error) : error;
    }
  };
  return { commit, discard: staged.discard };
}

/**
 * Writes a key, with permissions for its owner only: all of it or nothing.
 * @param path of the key
 * @param kind how bodies of its kind are written
 * @param key the key
 * @param options passphrase, form, and whether it may take the place of a file
 * @throws LockKeyError (`LOCK_KEY_EXISTS`) where there is a file; FileError; ArgumentError for an empty passphrase
 */
export async function writeKey<T>(
  path: string,
  kind: KeyKind<T>,
  key: LockKey<T>,
  options: KeyFileOptions = {},
): Promise<void> {
  (await stageKey(path, kind, key, options)).commit();
}

/**
 * Reads a key.
 * @param path of the key
 * @param kind how bodies of its kind are written
 * @param options the passphrase of a sealed key
 * @returns the key
 * @throws as `decodeKey`; FileError where it cannot be read
 */
export async function readKey<T>(
  path: string,
  kind: KeyKind<T>,
  options: KeyReadOptions = {},
): Promise<LockKey<T>> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGEST_FILE) throw keyFormat(`${path} is larger than ${LARGEST_FILE / 2 ** 20} MiB`);
  return decodeKey(kind, await readWhole(path), options);
}
