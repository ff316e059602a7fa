/** Files that count: made once, private, and on the disk before anything depends on them. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FileError, systemReason } from '@tacit/files';
import { TapeError } from '@tacit/mpc';

/** Windows has other permissions, and does not sync folders. */
const POSIX = process.platform !== 'win32';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

const notWritable = (path: string, cause: unknown): FileError =>
  new FileError('FILE_NOT_WRITABLE', path, `cannot write ${path}: ${systemReason(cause)}`, { cause });

const notReadable = (path: string, cause: unknown): FileError => {
  const code = codeOf(cause) === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_NOT_READABLE';
  return new FileError(code, path, `cannot read ${path}: ${systemReason(cause)}`, { cause });
};

/**
 * Makes a file that must not exist yet; it is on the disk, under its name, when this returns.
 * @param path of the file
 * @param bytes its contents
 * @throws FileError where there is one, or it cannot be written: then a part of it may be there
 */
export function createFile(path: string, bytes: Uint8Array): void {
  if (!tryCreate(path, bytes)) throw notWritable(path, Object.assign(new Error(), { code: 'EEXIST' }));
}

/**
 * As `createFile`; of several processes that try, one succeeds.
 * @param path of the file
 * @param bytes its contents
 * @returns false where there is one
 * @throws FileError where it cannot be written
 */
export function tryCreate(path: string, bytes: Uint8Array): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw notWritable(path, cause);
  }
  // From here on the file stays even if it cannot be written: who finds it takes it for made.
  try {
    if (POSIX) fchmodSync(file, 0o600);
    writeFileSync(file, bytes);
    fsyncSync(file);
  } catch (cause) {
    throw notWritable(path, cause);
  } finally {
    closeSync(file);
  }
  syncFolder(dirname(path));
  return true;
}

/**
 * Removes a file; when this returns it is gone on the disk, too.
 * @param path of the file
 * @throws FileError where it cannot be removed; one that is not there is
 */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return;
    throw notWritable(path, cause);
  }
  syncFolder(dirname(path));
}

/**
 * Removes a file that is of no use any more, if that is possible: not while it is open on Windows.
 * @param path of the file
 */
export function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // `tacit tapes gc` does it later.
  }
}

/**
 * Waits until the names in a folder are on the disk.
 * @param path of the folder
 * @throws FileError where that cannot be
 */
export function syncFolder(path: string): void {
  if (!POSIX) return;
  let folder: number | undefined;
  try {
    folder = openSync(path, constants.O_RDONLY);
    fsyncSync(folder);
  } catch (cause) {
    throw notWritable(path, cause);
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}

/**
 * Makes a folder that only this user can enter, unless it is there; it is on the disk when this returns.
 * @param path of the folder; its parents are made, too
 * @throws FileError where it cannot be made
 */
export function makeFolder(path: string): void {
  let first: string | undefined;
  try {
    first = mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FileError('FILE_NOT_WRITABLE', path, `cannot make the folder ${path}: ${systemReason(cause)}`, {
      cause,
    });
  }
  if (first === undefined) return;
  // The name of each new folder is in the one above it.
  for (let made = resolve(path); ; made = dirname(made)) {
    syncFolder(dirname(made));
    if (made === resolve(first)) return;
  }
}

/**
 * The bytes of a small file.
 * @param path of the file
 * @param most bytes that it may have
 * @returns its bytes
 * @throws FileError where it cannot be read, TapeError TAPE_FORMAT where it is too large
 */
export function readSmall(path: string, most: number): Buffer {
  let file: number;
  try {
    // Not blocking: a pipe in place of the file would be waited for.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    throw notReadable(path, cause);
  }
  try {
    return readOpen(file, path, most);
  } finally {
    closeSync(file);
  }
}

/** Of what is open, not of the path, which could be another file by now. */
function readOpen(file: number, path: string, most: number): Buffer {
  const stats = fstatSync(file);
  if (!stats.isFile()) throw notReadable(path, Object.assign(new Error(), { code: 'EISDIR' }));
  if (stats.size > most) throw new TapeError('TAPE_FORMAT', `${path} has more than ${most} bytes`);
  const bytes = Buffer.alloc(stats.size);
  let length = 0;
  for (let got = -1; length < bytes.length && got !== 0; length += got)
    got = readSync(file, bytes, length, bytes.length - length, length);
  return bytes.subarray(0, length);
}

/**
 * The bytes of a small file that nobody else may read.
 * @param path of the file
 * @returns its bytes
 * @throws FileError where it cannot be read, TapeError TAPE_KEY_FILE where others can read it
 */
export function readPrivate(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    throw notReadable(path, cause);
  }
  try {
    const { mode, uid } = fstatSync(file);
    const root = uid === 0 && process.geteuid?.() !== 0;
    if (POSIX && (mode & (root ? 0o037 : 0o077)) !== 0)
      throw new TapeError(
        'TAPE_KEY_FILE',
        `${path} can be read by others, so it is not used: chmod 600 ${path}`,
      );
    return readOpen(file, path, 1024);
  } finally {
    closeSync(file);
  }
}
