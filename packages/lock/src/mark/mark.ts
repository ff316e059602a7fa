/**
 * What a locked file says about itself, in an entry `tacit.lock` of the model's `metadata_props`, which runtimes pass over:
 * kind of lock, version, id of the key, and what the lock needs for undoing. Nothing of it is secret, and none of it is
 * believed: keys are bound to the weights, and what was sealed is authenticated.
 */
import { LockError } from '../errors.js';
import type { Json, LockKind } from '../keys/key.js';
import { readMetadata } from '../weights/read.js';

/** The key of the entry. */
export const MARK_ENTRY = 'tacit.lock';
const FORMAT = 'tacit-lock';
const VERSION = 1;
const KINDS: readonly LockKind[] = ['adv-params', 'deep-lock', 'transform'];

/** What a locked file says. */
export interface LockMark {
  readonly kind: LockKind;
  /** Of the key that undoes the lock. */
  readonly keyId: string;
  /** What only that kind of lock understands. */
  readonly details: Readonly<Record<string, Json>>;
}

/**
 * The value of the entry, for `writeWeights`.
 * @param mark what the file is to say
 * @returns its text
 * @example writeWeights(file, locked, { metadata: { [MARK_ENTRY]: markText(mark) } });
 */
export const markText = ({ kind, keyId, details }: LockMark): string =>
  JSON.stringify({ format: FORMAT, version: VERSION, kind, keyId, ...details });

/**
 * What a file says about its lock.
 * @param file the bytes of an ONNX file
 * @returns undefined where it is not locked, as far as it says
 * @throws LockError (`LOCK_DAMAGED`) where it says nothing that can be read; as `readWeights`
 * @example readMark(file)?.kind; // 'deep-lock'
 */
export function readMark(file: Uint8Array): LockMark | undefined {
  const text = readMetadata(file).get(MARK_ENTRY);
  if (text === undefined) return undefined;
  const damaged = (what: string, cause?: unknown): LockError =>
    new LockError('LOCK_DAMAGED', `the entry ${MARK_ENTRY} of the model cannot be read: ${what}`, { cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged('it is not JSON', cause);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw damaged('it is no object');
  const { format, version, kind, keyId, ...details } = json as Record<string, Json>;
  if (format !== FORMAT) throw damaged(`its format is not ${FORMAT}`);
  if (version !== VERSION)
    throw damaged(
      `it is of version ${String(version).slice(0, 20)}, and this release reads version ${VERSION}`,
    );
  const known = KINDS.find((name) => name === kind);
  if (!known) throw damaged('it is of no kind that this release knows');
  if (typeof keyId !== 'string' || !/^[0-9a-f]{16}$/.test(keyId)) throw damaged('it names no key');
  return { kind: known, keyId, details };
}

/**
 * Checks that a model is not locked yet: a second lock would make the first one's key useless.
 * @param file the bytes of an ONNX file
 * @throws LockError (`LOCK_STATE`) where it is
 */
export function requireUnlocked(file: Uint8Array): void {
  const mark = readMark(file);
  if (mark)
    throw new LockError('LOCK_STATE', `the model is locked already (${mark.kind}, key ${mark.keyId})`);
}

/**
 * The mark of a model that has to be locked.
 * @param file the bytes of an ONNX file
 * @param kind the lock that is to be undone
 * @returns what it says
 * @throws LockError (`LOCK_STATE`) where it is not locked, or by another lock
 */
export function requireMark(file: Uint8Array, kind: LockKind): LockMark {
  const mark = readMark(file);
  if (!mark) throw new LockError('LOCK_STATE', `the model is not locked: it has no entry ${MARK_ENTRY}`);
  if (mark.kind !== kind)
    throw new LockError(
      'LOCK_STATE',
      `the model is locked by ${mark.kind}, not by ${kind}: tacit unlock ${mark.kind}`,
    );
  return mark;
}
