/**
 * Files that only their owner may read, or write. The rules are those of OpenSSH and PostgreSQL for keys: a file of this
 * user that nobody else can read, or a file of root that at most a group can read, as containers mount them.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { FileError, stageFile, systemReason, writeAtomically } from '@tacit/files';
import { IdentityError } from '../errors.js';

/** Windows has other permissions, those of its user folders. */
const HAS_MODES = process.platform !== 'win32';
/** Nothing here is larger. */
const MOST_BYTES = 2 ** 20;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

/**
 * The text of a file.
 * @param path of the file; where it is a link, what counts is the file that it leads to
 * @param secret whether it is a secret: nobody else may read it. Otherwise nobody else may write it
 * @returns the text; undefined where there is no file
 * @throws IdentityError FILE_NOT_PRIVATE that says what to do; FileError where it cannot be read
 */
export function readOwn(path: string, secret: boolean): string | undefined {
  return readOwnWithin(path, secret, LOOKS);
}

/** A file can come and go between two looks; so often it does not. */
const LOOKS = 5;

function readOwnWithin(path: string, secret: boolean, looks: number): string | undefined {
  let file: number;
  try {
    // Not blocking: a pipe in place of the file would be waited for.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const entry = entryAt(path);
    if (!entry) return undefined;
    // Another process made it between the two looks. A link that leads nowhere stays what it is.
    if (codeOf(cause) === 'ENOENT' && !entry.isSymbolicLink() && looks > 1)
      return readOwnWithin(path, secret, looks - 1);
    throw notReadable(path, systemReason(cause), cause);
  }
  try {
    // Of what is open, not of the path, which could be another file by now.
    const stats = fstatSync(file);
    if (!stats.isFile()) throw notReadable(path, 'it is not a file');
    if (stats.size > MOST_BYTES) throw notReadable(path, `it has more than ${MOST_BYTES} bytes`);
    requireOwn(path, stats, secret);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof FileError || cause instanceof IdentityError) throw cause;
    throw notReadable(path, systemReason(cause), cause);
  } finally {
    closeSync(file);
  }
}

const notReadable = (path: string, reason: string, cause?: unknown): FileError =>
  new FileError('FILE_NOT_READABLE', path, `cannot read ${path}: ${reason}`, { cause });

const isLink = (path: string): boolean => entryAt(path)?.isSymbolicLink() === true;

/**
 * What is at a path, be it a link.
 * @param path of it
 * @returns undefined where there is nothing
 * @throws FileError where one cannot know
 */
export function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (cause) {
    // Below what is no folder there is nothing.
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(cause) ?? '')) return undefined;
    throw notReadable(path, systemReason(cause), cause);
  }
}

function requireOwn(path: string, { uid, mode }: Stats, secret: boolean): void {
  if (!HAS_MODES) return;
  if (uid !== 0 && uid !== process.geteuid?.())
    throw new IdentityError('FILE_NOT_PRIVATE', `${path} belongs to another user; make it your own: chown`);
  const forbidden = (secret ? 0o077 : 0o022) & ~(uid === 0 && process.geteuid?.() !== 0 ? 0o040 : 0);
  if ((mode & forbidden) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  throw new IdentityError(
    'FILE_NOT_PRIVATE',
    `${path} can be ${secret ? 'read' : 'written'} by others (its mode is ${octal}), so it is not used: chmod ${secret ? 600 : 'go-w'} ${path}${secret ? ', and if somebody may have read it, make a new identity: tacit identity --renew' : ''}`,
  );
}

/**
 * Makes a folder that only this user can enter, or checks that others cannot put files into the one that is there.
 * @param path of the folder; its parents are made, too
 * @throws IdentityError FILE_NOT_PRIVATE, FileError where it cannot be made
 */
export function ensureOwnFolder(path: string): void {
  try {
    if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) {
      // The mode of a new folder is less the umask, with which one may lock oneself out.
      const folder = openSync(path, constants.O_RDONLY);
      fchmodSync(folder, 0o700);
      closeSync(folder);
    }
  } catch (cause) {
    throw new FileError('FILE_NOT_WRITABLE', path, `cannot make the folder ${path}: ${systemReason(cause)}`, {
      cause,
    });
  }
  requireOwnFolder(path);
}

/**
 * Checks that others cannot put files into a folder.
 * @param path of the folder; nothing is checked where there is none
 * @throws IdentityError FILE_NOT_PRIVATE that says what to do
 */
export function requireOwnFolder(path: string): void {
  if (!HAS_MODES || !entryAt(path)) return;
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (cause) {
    throw notReadable(path, systemReason(cause), cause);
  }
  if (stats.uid !== 0 && stats.uid !== process.geteuid?.())
    throw new IdentityError(
      'FILE_NOT_PRIVATE',
      `the folder ${path} belongs to another user; choose another, with --home or TACIT_HOME`,
    );
  // A group that root chose for a folder of its own is that of a container's volume.
  const forbidden = stats.uid === 0 && process.geteuid?.() !== 0 ? 0o002 : 0o022;
  if (stats.mode & forbidden)
    throw new IdentityError(
      'FILE_NOT_PRIVATE',
      `others can put files into the folder ${path}, so what is in it is not used: chmod 700 ${path}`,
    );
}

/**
 * Replaces a file of this user, all or nothing, and waits until it is on the disk. A link stays, and the file that it
 * leads to is replaced.
 * @param path of the file
 * @param text its contents
 * @throws FileError where it cannot be written; it is as it was before
 */
export function writeOwn(path: string, text: string): void {
  let target = path;
  if (isLink(path))
    try {
      target = realpathSync(path);
    } catch (cause) {
      throw new FileError(
        'FILE_NOT_WRITABLE',
        path,
        `cannot write ${path}: it is a link that leads nowhere`,
        {
          cause,
        },
      );
    }
  writeAtomically(target, new TextEncoder().encode(text), { mode: 0o600 });
  syncFolder(dirname(target));
}

/**
 * Makes a file that must not exist yet, all or nothing, and waits until it is on the disk. Of several processes that try,
 * one succeeds, and nobody sees a part of it.
 * @param path of the file
 * @param text its contents
 * @returns false where there is one already, or even a link
 * @throws FileError where it cannot be written; nothing is left behind
 */
export function createOwn(path: string, text: string): boolean {
  // Who waits for a lock asks often: nothing is written for each time.
  if (entryAt(path)) return false;
  try {
    stageFile(path, new TextEncoder().encode(text), { mode: 0o600, exclusive: true }).commit();
  } catch (error) {
    if (codeOf((error as FileError).cause) === 'EEXIST') return false;
    throw error;
  }
  syncFolder(dirname(path));
  return true;
}

/**
 * Waits until the names in a folder are on the disk.
 * @param path of the folder
 */
export function syncFolder(path: string): void {
  if (!HAS_MODES) return;
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
