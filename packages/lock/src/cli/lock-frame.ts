/** What the commands of all locks do around the lock itself: the passphrase first, the files last, and what is said of them. */
import { interruptible, Progress } from '@tacit/cli-kit';
import { readWhole } from '@tacit/files';
import { LockError } from '../errors.js';
import { type KeyKind, type LockKey, readKey } from '../keys/index.js';
import { type OutputFlags, type OutputPaths, print, writeLocked, writeUnlocked } from './outputs.js';
import { type NewKeyFlags, newKeyOptions, type PassphraseFlags, passphraseFor } from './passphrase.js';

/** Flags of commands that lock a model. */
export interface LockFlags extends NewKeyFlags, OutputFlags {}

/** Flags of commands that unlock one. */
export interface UnlockFlags extends PassphraseFlags {
  readonly force?: boolean;
}

/**
 * Where a command writes a locked model and its key.
 * @param flags of the command line
 * @returns both paths
 */
export const pathsOf = ({ outputModel, outputKey }: OutputFlags): OutputPaths => ({
  model: outputModel,
  key: outputKey,
});

/**
 * Locks a model and writes it with its key.
 * @param flags of the command line
 * @param kind how keys of the lock are written
 * @param lock makes the locked file and its key; it is given the line on which it says how far it is
 * @returns what `lock` made, and that line, for warnings
 * @throws what `lock` throws; as `newKeyOptions` and `writeLocked`
 */
export async function lockAndWrite<T, Made extends { readonly file: Uint8Array; readonly key: LockKey<T> }>(
  flags: LockFlags,
  kind: KeyKind<T>,
  lock: (progress: Progress) => Promise<Made>,
): Promise<{ readonly made: Made; readonly progress: Progress }> {
  // Asked for before the work, so that nobody has to wait for the question.
  const keyOptions = await newKeyOptions(flags);
  const progress = new Progress(flags.quiet === true);
  const made = await lock(progress).finally(() => progress.end());
  await writeLocked(pathsOf(flags), made.file, kind, made.key, keyOptions);
  return { made, progress };
}

/**
 * Warns of a key that anybody can read.
 * @param flags of the command line
 * @param progress where warnings go
 */
export function warnOfOpenKey({ jsonKey, outputKey }: LockFlags, progress: Progress): void {
  if (jsonKey) progress.warn(`${outputKey} is open: whoever reads it can unlock the model`);
}

/**
 * What is said of the files that were written.
 * @param flags of the command line
 * @param key that was written
 * @returns rows for `print`
 */
export const outputRows = (
  { outputModel, outputKey }: OutputFlags,
  { id }: Pick<LockKey<unknown>, 'id'>,
): readonly (readonly [name: string, value: string])[] => [
  ['model', outputModel],
  ['key', `${outputKey} (id ${id})`],
];

/**
 * Unlocks a model and writes it.
 * @param files key, locked model, and where the unlocked one goes
 * @param flags of the command line
 * @param kind how keys of the lock are written
 * @param unlock gives the model back
 * @throws what `unlock` throws; FileError, LockKeyError where a file cannot be read or written
 */
export async function unlockAndWrite<T>(
  { key: keyPath, output, locked: path }: Readonly<Record<'key' | 'output' | 'locked', string>>,
  flags: UnlockFlags,
  kind: KeyKind<T>,
  unlock: (locked: Uint8Array, key: LockKey<T>) => Uint8Array | Promise<Uint8Array>,
): Promise<void> {
  const locked = await readWhole(path);
  const key = await readKey(keyPath, kind, { passphrase: () => passphraseFor(flags) });
  const model = await unlock(locked, key);
  writeUnlocked(output, model, flags.force);
  print([
    ['unlocked', output],
    ['weights', key.model?.original ?? ''],
  ]);
}

/**
 * Work that writes nothing before it is done, and that Ctrl-C or SIGTERM cancels.
 * @param work gets the signal
 * @returns what it returns
 * @throws what it throws; LockError (`LOCK_CANCELLED`) once it is cancelled
 */
export const cancellable = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  interruptible(async (signal) => {
    try {
      return await work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new LockError('LOCK_CANCELLED', `${(signal.reason as Error).message}; nothing was written`);
    }
  });
