/** Locks all weights of an ONNX file by a key of 16 or 32 bytes. Needs no data and no retraining. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { ArgumentError } from '@tacit/errors';
import { LockError } from '../errors.js';
import { type LockKey, newKeyId } from '../keys/key.js';
import { MARK_ENTRY, markText, requireUnlocked } from '../mark/mark.js';
import { readWeights, type Weight, weightsHash } from '../weights/read.js';
import { writeWeights } from '../weights/write.js';
import { type DeepLockProfile, detailsToJson, type LockedTensor } from './details.js';
import { formatOf } from './formats.js';
import { type DeepLockBody, newSecret } from './key.js';
import { lockBytes } from './paper.js';
import { dequantise, quantise } from './quantise.js';
import { sealTensor } from './sealed.js';
import { selectWeights } from './select.js';
import { tensorKey } from './tensor-keys.js';

/** What all long work here takes. */
export interface LockWork {
  /** Called after each tensor with bytes done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the work between two tensors. */
  readonly signal?: AbortSignal;
}

/** How to lock. */
export interface DeepLockOptions extends LockWork {
  /**
   * `sealed` (default): AES-256-GCM of each tensor; changes are found, a wrong key is refused. `paper`: the cipher of the
   * paper, which gives other weights for a wrong key.
   */
  readonly profile?: DeepLockProfile;
  /** A key of 256 bits where the profile is `paper` (default 128). `sealed` always has 256. */
  readonly key256?: boolean;
  /**
   * Quantise weights of two and more axes to 8 bits and lock the codes; only `paper`. Changes the model, which
   * `DeepLocked.original` then is.
   */
  readonly quantised?: boolean;
}

/** A locked model. */
export interface DeepLocked {
  /** The locked file. */
  readonly file: Uint8Array;
  readonly key: LockKey<DeepLockBody>;
  /** What unlocking gives: the file that was locked, or its quantised form. */
  readonly original: Uint8Array;
  /** Names of the tensors that are locked. */
  readonly tensors: readonly string[];
  /** Bytes that are locked. */
  readonly bytes: number;
  /** Names of weights and constants that are not. */
  readonly leftOpen: readonly string[];
}

/**
 * Locks a model by Deep-Lock.
 * @param file the bytes of an ONNX file; not changed
 * @param options profile, length of the key, quantisation
 * @returns the locked file and its new key
 * @throws LockError (`LOCK_STATE`) where the model is locked already or has nothing to lock; ArgumentError where options
 * or weights do not fit `quantised`; as `readWeights`
 * @example const { file: locked, key } = await deepLock(await readFile('model.onnx'));
 */
export async function deepLock(file: Uint8Array, options: DeepLockOptions = {}): Promise<DeepLocked> {
  const { profile = 'sealed', key256 = false, quantised = false } = options;
  if (quantised && profile !== 'paper')
    throw new ArgumentError('only the profile paper locks quantised weights');
  requireUnlocked(file);
  const weights = readWeights(file);
  const { chosen, leftOpen } = selectWeights(file, weights, quantised);
  const total = chosen.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (total === 0)
    throw new LockError(
      'LOCK_STATE',
      `the model has no weights to lock among its ${weights.length} initializers${leftOpen.length > 0 ? ', only constants inside of its program: export it with weights as initializers' : ''}`,
    );
  const keyBits = profile === 'sealed' || key256 ? 256 : 128;
  const secret = newSecret(keyBits);
  const lockId = randomBytes(16).toString('hex');
  const id = newKeyId();
  const originals = new Map<string, Uint8Array>();
  const replacements = new Map<string, Uint8Array>();
  const tensors: LockedTensor[] = [];
  let done = 0;
  for (const weight of chosen) {
    const { plain, locked, ...entry } = lockOne(weight, secret, lockId, profile, keyBits, quantised);
    if (plain) originals.set(weight.name, plain);
    replacements.set(weight.name, locked);
    tensors.push(entry);
    done += weight.bytes.length;
    await report(options, done, total);
  }
  const original = quantised ? writeWeights(file, originals) : file;
  const details = detailsToJson({ profile, lockId, keyBits, tensors });
  const mark = markText({ kind: 'deep-lock', keyId: id, details });
  const made = writeWeights(file, replacements, { metadata: { [MARK_ENTRY]: mark } });
  const model = { original: weightsHash(original), locked: weightsHash(made) };
  return {
    file: made,
    key: { kind: 'deep-lock', id, model, body: { secret } },
    original,
    tensors: tensors.map(({ name }) => name),
    bytes: total,
    leftOpen,
  };
}

/**
 * Tells how far the work is, and lets other work of the process go on.
 * @param work of which it is told
 * @param done bytes done
 * @param total bytes in all
 * @throws the reason of the signal, once it is aborted
 */
export async function report({ onProgress, signal }: LockWork, done: number, total: number): Promise<void> {
  onProgress?.(done, total);
  if (onProgress || signal) await setImmediate();
  signal?.throwIfAborted();
}

interface LockedOne extends LockedTensor {
  readonly locked: Uint8Array;
  /** What unlocking gives, where that is not the weight as it was. */
  readonly plain?: Uint8Array;
}

function lockOne(
  weight: Weight,
  secret: Uint8Array,
  lockId: string,
  profile: DeepLockProfile,
  keyBits: number,
  quantised: boolean,
): LockedOne {
  const { name, type, bytes } = weight;
  if (profile === 'sealed') {
    const { bytes: locked, nonce, tag } = sealTensor(bytes, secret, lockId, weight);
    return { name, locked, nonce, tag };
  }
  const key = tensorKey(secret, lockId, 'paper', weight, keyBits / 8);
  try {
    // Integers of 8 bits and fewer are codes already.
    if (!quantised || !formatOf(type)) return { name, locked: lockBytes(bytes, key) };
    const { codes, scale } = quantise(bytes, type, name);
    const locked = dequantise({ codes: lockBytes(codes, key), scale }, type);
    return { name, scale, locked, plain: dequantise({ codes, scale }, type) };
  } finally {
    key.fill(0);
  }
}
