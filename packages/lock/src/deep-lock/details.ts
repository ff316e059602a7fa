/** What the mark of a locked file says of Deep-Lock: the profile, what names the file, and which tensors are locked. */
import { LockError } from '../errors.js';
import type { Json } from '../keys/key.js';
import type { LockMark } from '../mark/mark.js';

/** How a locked tensor is undone. */
export interface LockedTensor {
  readonly name: string;
  /** Where its weights were quantised. */
  readonly scale?: number;
  /** Where it is sealed. */
  readonly nonce?: Uint8Array;
  readonly tag?: Uint8Array;
}

/** Profiles of Deep-Lock. */
export type DeepLockProfile = 'sealed' | 'paper';

/** The details of a mark. */
export interface DeepLockDetails {
  readonly profile: DeepLockProfile;
  /** Random, 32 hexadecimal digits. */
  readonly lockId: string;
  readonly keyBits: 128 | 256;
  readonly tensors: readonly LockedTensor[];
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/**
 * Details as JSON.
 * @param details of a locked file
 * @returns what its mark says
 */
export const detailsToJson = ({
  profile,
  lockId,
  keyBits,
  tensors,
}: DeepLockDetails): LockMark['details'] => ({
  profile,
  lockId,
  keyBits,
  tensors: tensors.map(({ name, scale, nonce, tag }) => ({
    name,
    ...(scale === undefined ? {} : { scale }),
    ...(nonce && tag ? { nonce: base64(nonce), tag: base64(tag) } : {}),
  })),
});

/**
 * Details of a mark.
 * @param mark what a locked file says
 * @returns its details
 * @throws LockError (`LOCK_DAMAGED`) where it is not what `detailsToJson` writes
 */
export function detailsOf({ details }: LockMark): DeepLockDetails {
  const { profile, lockId, keyBits, tensors } = details;
  const damaged = (what: string): LockError =>
    new LockError('LOCK_DAMAGED', `the mark of the locked model has ${what}`);
  if (profile !== 'sealed' && profile !== 'paper') throw damaged('no profile that this release knows');
  if (typeof lockId !== 'string' || !/^[0-9a-f]{32}$/.test(lockId)) throw damaged('no id of the lock');
  if (keyBits !== 128 && keyBits !== 256) throw damaged('no length of the key');
  if (!Array.isArray(tensors)) throw damaged('no list of tensors');
  const names = new Set<string>();
  const read = (json: Json): LockedTensor => {
    const { name, scale, nonce, tag } = (json ?? {}) as Readonly<Record<string, Json>>;
    if (typeof name !== 'string' || names.has(name)) throw damaged('a tensor without a name of its own');
    names.add(name);
    if (scale !== undefined && !(typeof scale === 'number' && scale > 0 && Number.isFinite(scale)))
      throw damaged(`no scale of ${JSON.stringify(name)}`);
    if (profile === 'paper') return { name, scale };
    const bytes = [nonce, tag].map((text) => Buffer.from(typeof text === 'string' ? text : '', 'base64'));
    if (bytes[0].length !== 12 || bytes[1].length !== 16 || scale !== undefined)
      throw damaged(`no nonce and tag of ${JSON.stringify(name)}`);
    return { name, nonce: bytes[0], tag: bytes[1] };
  };
  return { profile, lockId, keyBits, tensors: (tensors as readonly Json[]).map(read) };
}
