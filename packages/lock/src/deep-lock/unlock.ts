/** Gives back the weights of a model that Deep-Lock locked, all at once or one tensor at a time. */
import { LockError, LockKeyError } from '../errors.js';
import { type LockKey, requireKeyOf } from '../keys/key.js';
import { MARK_ENTRY, requireMark } from '../mark/mark.js';
import { readWeights, type Weight, weightsHash } from '../weights/read.js';
import { writeWeights } from '../weights/write.js';
import { type DeepLockDetails, detailsOf, type LockedTensor } from './details.js';
import type { DeepLockBody } from './key.js';
import { type LockWork, report } from './lock.js';
import { unlockBytes } from './paper.js';
import { codesOf, dequantise } from './quantise.js';
import { openTensor } from './sealed.js';
import { tensorKey } from './tensor-keys.js';

/** How to unlock. */
export interface DeepUnlockOptions extends LockWork {
  /**
   * Default true: the key must be the one of this file, and the result is compared with what was locked. False computes
   * what any key gives, for measuring what a wrong one is worth.
   */
  readonly check?: boolean;
}

/** The locked tensors of a file, each with what opens it. */
export interface LockedTensors {
  readonly weights: readonly Weight[];
  readonly details: DeepLockDetails;
  readonly locked: ReadonlyMap<string, Weight>;
  /** The bytes of a locked tensor. Whoever calls wipes them. */
  open(name: string): Uint8Array;
}

/**
 * Finds the locked tensors of a file, and checks that the key belongs to it.
 * @param file the bytes of a locked file
 * @param key its key
 * @param check whether another key is refused
 * @returns the tensors
 * @throws LockError (`LOCK_STATE`, `LOCK_DAMAGED`), LockKeyError (`LOCK_KEY_MODEL`)
 */
export function lockedTensors(file: Uint8Array, key: LockKey<DeepLockBody>, check = true): LockedTensors {
  const mark = requireMark(file, 'deep-lock');
  if (check) {
    requireKeyOf(key, 'deep-lock', file);
    if (mark.keyId !== key.id)
      throw new LockKeyError(
        'LOCK_KEY_MODEL',
        `the model was locked with the key ${mark.keyId}, and this is ${key.id}`,
      );
  }
  const details = detailsOf(mark);
  const { secret } = key.body;
  if (secret.length * 8 !== details.keyBits)
    throw new LockKeyError(
      'LOCK_KEY_MODEL',
      `the lock has a key of ${details.keyBits} bits, not ${secret.length * 8}`,
    );
  const weights = readWeights(file);
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  const entries = new Map<string, readonly [Weight, LockedTensor]>();
  for (const tensor of details.tensors) {
    const weight = byName.get(tensor.name);
    if (!weight)
      throw new LockError('LOCK_DAMAGED', `the locked weight ${JSON.stringify(tensor.name)} is gone`);
    entries.set(tensor.name, [weight, tensor]);
  }
  const open = (name: string): Uint8Array => {
    const entry = entries.get(name);
    if (!entry) throw new LockError('LOCK_STATE', `${JSON.stringify(name)} is not locked`);
    return openOne(entry[0], entry[1], secret, details);
  };
  return { weights, details, locked: new Map([...entries].map(([name, [weight]]) => [name, weight])), open };
}

function openOne(
  weight: Weight,
  entry: LockedTensor,
  secret: Uint8Array,
  details: DeepLockDetails,
): Uint8Array {
  const { name, type, bytes } = weight;
  const { lockId, keyBits, profile } = details;
  const { nonce, tag, scale } = entry;
  if (profile === 'sealed' && nonce && tag) return openTensor({ bytes, nonce, tag }, secret, lockId, weight);
  const key = tensorKey(secret, lockId, 'paper', weight, keyBits / 8);
  try {
    if (scale === undefined) return unlockBytes(bytes, key);
    const codes = unlockBytes(codesOf(bytes, scale, type, name), key);
    const plain = dequantise({ codes, scale }, type);
    codes.fill(0);
    return plain;
  } finally {
    key.fill(0);
  }
}

/**
 * Unlocks a model: all of the file, bit for bit as it was (or as its quantised form was).
 * @param file the bytes of a locked file; not changed
 * @param key its key
 * @param options whether to check, and how to follow the work
 * @returns the unlocked file
 * @throws LockError (`LOCK_STATE`) where it is not locked by Deep-Lock, (`LOCK_DAMAGED`) where it was changed since;
 * LockKeyError (`LOCK_KEY_MODEL`) for the key of another model; as `readWeights`
 * @example const original = await deepUnlock(locked, await readKey('lock.key', deepLockKey, { passphrase }));
 */
export async function deepUnlock(
  file: Uint8Array,
  key: LockKey<DeepLockBody>,
  options: DeepUnlockOptions = {},
): Promise<Uint8Array> {
  const { check = true } = options;
  const { locked, open } = lockedTensors(file, key, check);
  const total = [...locked.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  const plain = new Map<string, Uint8Array>();
  try {
    let done = 0;
    for (const [name, { bytes }] of locked) {
      plain.set(name, open(name));
      done += bytes.length;
      await report(options, done, total);
    }
    const unlocked = writeWeights(file, plain, { metadata: { [MARK_ENTRY]: undefined } });
    if (check && weightsHash(unlocked) !== key.model?.original) {
      unlocked.fill(0);
      throw new LockError(
        'LOCK_DAMAGED',
        'the unlocked weights are not those that were locked: the secret of the key or the mark of the file was changed',
      );
    }
    return unlocked;
  } finally {
    for (const bytes of plain.values()) bytes.fill(0);
  }
}
