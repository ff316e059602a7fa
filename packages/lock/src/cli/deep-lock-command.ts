/** `tacit lock deep-lock` and `tacit unlock deep-lock`. */
import { extname } from 'node:path';
import { bytes, Progress } from '@tacit/cli-kit';
import { readWhole } from '@tacit/files';
import { type Command, Option } from 'commander';
import {
  type LockFlags,
  lockAndWrite,
  outputRows,
  pathsOf,
  type UnlockFlags,
  unlockAndWrite,
  warnOfOpenKey,
} from './lock-frame.js';
import { print, requireNewModel, requireOutputs, withOutputs, writeUnlocked } from './outputs.js';
import { withNewKey, withPassphrase } from './passphrase.js';

interface DeepLockFlags extends LockFlags {
  readonly profile: 'sealed' | 'paper';
  readonly key256?: boolean;
  readonly quantised?: boolean;
}

interface DeepUnlockFlags extends UnlockFlags {
  readonly compat?: boolean;
  readonly names?: readonly string[];
  readonly quiet?: boolean;
}

const LOCK_HELP = `
Profiles:
  sealed   AES-256-GCM of each tensor; a wrong key and every change are refused
  paper    the cipher of the paper (arXiv 2008.05966); a wrong key gives other weights
           --quantised: 8-bit weights, so that locked ones look like weights. This changes the model.

Examples:
  tacit lock deep-lock model.onnx
  tacit lock deep-lock model.onnx --profile paper --quantised --output-model locked.onnx --output-key locked.key

Whoever has the locked file and the key has the model. Keep the key: without it nobody has.
`;

const UNLOCK_HELP = `
Examples:
  tacit unlock deep-lock decryption_key.tacit model.onnx encrypted_model.onnx
  tacit unlock deep-lock decryption_key.pkl model.safetensors encrypted.safetensors --compat --names 0.weight,0.bias

--compat opens files of the public implementation (ML-parameter-encryption), whose lock is insecure and cannot tell a
wrong key: KEY is its pickled key, 16 or 32 bytes, or hexadecimal digits.
`;

/**
 * Adds the commands.
 * @param lock the command `tacit lock`
 * @param unlock the command `tacit unlock`
 */
export function addDeepLock(lock: Command, unlock: Command): void {
  withNewKey(
    withOutputs(
      lock
        .command('deep-lock')
        .description('lock all weights by a key; needs no data')
        .argument('<MODEL.onnx>', 'weights in one file')
        .addOption(
          new Option('--profile <PROFILE>', 'how weights are locked')
            .choices(['sealed', 'paper'])
            .default('sealed'),
        )
        .option('--key-256', 'a key of 256 bits, where the profile is paper (sealed always has one)')
        .option('--quantised', 'lock 8-bit weights, where the profile is paper'),
    ),
  )
    .addHelpText('after', LOCK_HELP)
    .action(lockModel);
  withPassphrase(
    unlock
      .command('deep-lock')
      .description('give a model back that deep-lock locked')
      .argument('<KEY>', 'the key')
      .argument('<OUTPUT.onnx>', 'the unlocked model, readable by you only')
      .argument('<LOCKED.onnx>', 'the locked model')
      .option('--compat', 'the model was locked by the public implementation; also .safetensors, .npz, .npy')
      .option(
        '--names <NAME,...>',
        'with --compat: parameters in the order of the model, if not that of the file',
        list,
      )
      .option('--force', 'replace OUTPUT if it is there')
      .option('--quiet', 'no progress, no warnings'),
  )
    .addHelpText('after', UNLOCK_HELP)
    .action(unlockModel);
}

const list = (text: string): string[] => text.split(',');

async function readModel(path: string): Promise<Uint8Array> {
  if (extname(path).toLowerCase() !== '.onnx') return readWhole(path);
  const { readOnnxFile } = await import('@tacit/onnx/file');
  return readOnnxFile(path);
}

async function lockModel(path: string, flags: DeepLockFlags, command: Command): Promise<void> {
  const { profile, key256, quantised, force } = flags;
  if (quantised && profile !== 'paper')
    command.error('error: --quantised is of the profile paper: --profile paper');
  requireOutputs(pathsOf(flags), [path], force);
  const model = await readModel(path);
  const { deepLock } = await import('../deep-lock/lock.js');
  const { deepLockKey } = await import('../deep-lock/key.js');
  const { readWeights } = await import('../weights/read.js');
  // What cannot be locked is found before anybody types a passphrase.
  readWeights(model);
  const { made, progress } = await lockAndWrite(flags, deepLockKey, (line) => {
    const onProgress = (done: number, total: number): void =>
      line.show(`locking: ${bytes(done)} of ${bytes(total)}`);
    return deepLock(model, { profile, key256, quantised, onProgress });
  });
  made.key.body.secret.fill(0);
  if (made.leftOpen.length > 0) progress.warn(`not locked: ${made.leftOpen.join(', ')}`);
  warnOfOpenKey(flags, progress);
  print([
    ['lock', `deep-lock, ${profile}${quantised ? ', 8-bit weights' : ''}`],
    ['locked', `${made.tensors.length} tensors, ${bytes(made.bytes)}`],
    ...outputRows(flags, made.key),
  ]);
}

async function unlockModel(
  key: string,
  output: string,
  locked: string,
  flags: DeepUnlockFlags,
  command: Command,
): Promise<void> {
  if (flags.names && !flags.compat) command.error('error: --names is of --compat');
  requireNewModel(output, flags.force);
  const progress = new Progress(flags.quiet === true);
  if (flags.compat) return unlockCompatModel(key, output, locked, flags, progress);
  const { deepLockKey } = await import('../deep-lock/key.js');
  const { deepUnlock } = await import('../deep-lock/unlock.js');
  const onProgress = (done: number, total: number): void =>
    progress.show(`unlocking: ${bytes(done)} of ${bytes(total)}`);
  await unlockAndWrite({ key, output, locked }, flags, deepLockKey, (file, opened) =>
    deepUnlock(file, opened, { onProgress }).finally(() => {
      progress.end();
      opened.body.secret.fill(0);
    }),
  );
}

async function unlockCompatModel(
  keyPath: string,
  output: string,
  path: string,
  { names, force }: DeepUnlockFlags,
  progress: Progress,
): Promise<void> {
  const { compatKey } = await import('../deep-lock/compat.js');
  const { unlockCompatFile } = await import('../deep-lock/compat-files.js');
  const key = compatKey(await readWhole(keyPath));
  const opened = unlockCompatFile(await readWhole(path), extname(path).toLowerCase(), key, names);
  writeUnlocked(output, opened.file, force);
  progress.warn(
    'this lock is insecure and cannot tell a wrong key or order: see whether the model works, then lock it anew',
  );
  print([
    ['unlocked', output],
    ['arrays', opened.names.join(', ')],
  ]);
}
