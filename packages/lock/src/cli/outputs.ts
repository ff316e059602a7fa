/** What commands write: a model and its key together or neither, and nothing in place of another file unasked. */
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { ArgumentError } from '@tacit/errors';
import { FileError, requireFolder, stageFile } from '@tacit/files';
import type { Command } from 'commander';
import type { KeyFileOptions, KeyKind, LockKey } from '../keys/index.js';
import { requireNewKey, stageKey } from '../keys/index.js';

/** What `withOutputs` adds. */
export interface OutputFlags {
  readonly outputModel: string;
  readonly outputKey: string;
  readonly quiet?: boolean;
}

/**
 * Adds what commands that lock a model have in common: `--output-model`, `--output-key`, `--quiet`.
 * @param command gets them
 * @returns the same
 */
export const withOutputs = (command: Command): Command =>
  command
    .option('--output-model <FILE>', 'the locked model', 'encrypted_model.onnx')
    .option('--output-key <FILE>', 'the key', 'decryption_key.tacit')
    .option('--quiet', 'no progress, no summary, no warnings');

/** Where a command writes. */
export interface OutputPaths {
  readonly model: string;
  readonly key: string;
}

/**
 * Checks, before anything is computed, that a locked model and its key can be written.
 * @param paths where to
 * @param inputs files that are read, which no output may be
 * @param force whether files that are there may be replaced
 * @throws ArgumentError where two are the same file; FileError, LockKeyError where one is there already
 */
export function requireOutputs({ model, key }: OutputPaths, inputs: readonly string[], force = false): void {
  const paths = [model, key, ...inputs].map((path) => resolve(path));
  if (new Set(paths.slice(0, 2)).size < 2 || paths.slice(2).some((path) => paths.indexOf(path) < 2))
    throw new ArgumentError(`${model}, ${key} and what is read are not different files`);
  requireNewModel(model, force);
  requireNewKey(key, force);
}

/**
 * Checks that a model can be written.
 * @param path where to
 * @param force whether a file that is there may be replaced
 * @throws FileError
 */
export function requireNewModel(path: string, force = false): void {
  requireFolder(path);
  if (!force && existsSync(path))
    throw new FileError('FILE_NOT_WRITABLE', path, `${path} is there already; --force replaces it`);
}

/**
 * Writes a locked model and its key: both or neither. The key comes first, since a locked model without it is lost.
 * @param paths where to
 * @param model bytes of the locked file
 * @param kind how keys of its kind are written
 * @param key the key
 * @param options passphrase, form, and whether files that are there may be replaced
 * @throws FileError, LockKeyError; nothing is written then
 */
export async function writeLocked<T>(
  paths: OutputPaths,
  model: Uint8Array,
  kind: KeyKind<T>,
  key: LockKey<T>,
  options: KeyFileOptions,
): Promise<void> {
  const stagedKey = await stageKey(paths.key, kind, key, options);
  try {
    const stagedModel = stageFile(paths.model, model, { exclusive: !options.force });
    try {
      stagedKey.commit();
    } catch (error) {
      stagedModel.discard();
      throw error;
    }
    try {
      stagedModel.commit();
    } catch (error) {
      // A key that took the place of another cannot give it back.
      if (!options.force) rmSync(paths.key, { force: true });
      throw error;
    }
  } catch (error) {
    stagedKey.discard();
    throw error;
  }
}

/**
 * Writes an unlocked model, readable by its owner only.
 * @param path where to
 * @param model its bytes
 * @param force whether a file that is there may be replaced
 * @throws FileError
 */
export function writeUnlocked(path: string, model: Uint8Array, force = false): void {
  stageFile(path, model, { mode: 0o600, exclusive: !force }).commit();
}

/**
 * Lines of a name and a value each, to standard output.
 * @param rows name and value
 */
export function print(rows: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  process.stdout.write(rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join(''));
}
