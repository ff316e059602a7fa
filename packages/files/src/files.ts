/** Files of a party: whole reads with clear errors, and writes that are never seen half done. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileError } from './errors.js';

/**
 * Why the operating system refused something.
 * @param error of node:fs
 * @returns words, or the code of the error where there are none for it
 */
export const systemReason = (error: unknown): string => REASONS[systemCode(error)] ?? systemCode(error);

const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
  EDQUOT: 'the disk quota of this user is used up',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EEXIST: 'there is something of that name already',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
};

/**
 * The bytes of a file.
 * @param path path of the file
 * @returns its bytes
 * @throws FileError where it cannot be read
 */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const system = systemCode(cause);
    throw new FileError(
      system === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_NOT_READABLE',
      path,
      `cannot read ${path}: ${systemReason(cause)}`,
      { cause },
    );
  }
}

/** A file that is written, under a name of its own, until it takes the place of `path`. */
export interface StagedFile {
  /** Puts the file in its place. @throws FileError where that cannot be; `path` is as it was before */
  commit(): void;
  /** Removes it. Nothing happened then. */
  discard(): void;
}

/**
 * Writes a temporary file beside `path`, to take its place later: what several parties write is put in place only when
 * all of it is there. `mode` are the permissions of the new file (0o600 for what only its owner may read).
 * @param path path of the file
 * @param contents bytes, or pieces of them
 * @param options `mode`: permissions of the new file; `exclusive`: it takes the place of nothing, so that `commit` throws
 * where there is a file of that name by then
 * @returns how to put it in its place, and how to remove it
 * @throws FileError where it cannot be written; nothing is left behind
 */
export function stageFile(
  path: string,
  contents: Uint8Array | readonly Uint8Array[],
  options: { readonly mode?: number; readonly exclusive?: boolean } = {},
): StagedFile {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  const discard = (): void => rmSync(temporary, { force: true });
  const orNothing = (act: () => void): void => {
    try {
      act();
    } catch (cause) {
      discard();
      const system = systemCode(cause);
      const reason = system === 'ENOENT' ? 'its folder does not exist' : systemReason(cause);
      throw new FileError('FILE_NOT_WRITABLE', path, `cannot write ${path}: ${reason}`, { cause });
    }
  };
  orNothing(() => {
    const file = openSync(temporary, 'wx', options.mode);
    try {
      // The permissions that were asked for, whatever the umask.
      if (options.mode !== undefined) fchmodSync(file, options.mode);
      for (const piece of contents instanceof Uint8Array ? [contents] : contents) writeFileSync(file, piece);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
  const put = (): void => {
    if (options.exclusive) {
      linkOrCopy(temporary, path);
      discard();
    } else renameSync(temporary, path);
  };
  return { commit: () => orNothing(put), discard };
}

/** Gives a file a second name that nothing has; on disks where a file has one name only, a copy. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(systemCode(error))) throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    const file = openSync(to, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

/**
 * Writes a file so that `path` is either what it was or all of `bytes`: into a temporary file beside it, then renamed.
 * Synchronous, so that a party that is being stopped does not leave the temporary file behind.
 * @param path path of the file
 * @param bytes contents
 * @param options `mode`: permissions of the new file
 * @throws FileError where it cannot be written; `path` is as it was before
 */
export function writeAtomically(
  path: string,
  bytes: Uint8Array,
  options: { readonly mode?: number } = {},
): void {
  stageFile(path, bytes, options).commit();
}

/**
 * Checks that there is a file, without opening it.
 * @param path path of the file
 * @throws FileError where there is none
 */
export function requireFile(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new FileError('FILE_NOT_FOUND', path, `cannot read ${path}: the file does not exist`);
  if (!stat.isFile()) throw new FileError('FILE_NOT_READABLE', path, `cannot read ${path}: it is not a file`);
}

/**
 * Checks that a file can be made at `path`, as far as one can see without making it.
 * @param path path of the file
 * @throws FileError where its folder does not exist, or there is a folder of that name
 */
export function requireFolder(path: string): void {
  const folder = dirname(path);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new FileError('FILE_NOT_WRITABLE', path, `cannot write ${path}: it is a folder`);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new FileError('FILE_NOT_WRITABLE', path, `cannot write ${path}: its folder does not exist`);
}
