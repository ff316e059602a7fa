/** Files of a batch that have to last: exclusively created, on the disk before anything follows from them. */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { stageFile } from '@tacit/files';

/**
 * Puts a file in a place where there is none: all of it, on the disk with its name, or nothing.
 * @param path of the file
 * @param bytes contents
 * @returns false if there is a file already, which stays
 * @throws FileError where it cannot be written
 */
export function createOnce(path: string, bytes: Uint8Array): boolean {
  const staged = stageFile(path, bytes, { mode: 0o600, exclusive: true });
  try {
    staged.commit();
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  }
  syncFolder(dirname(path));
  return true;
}

/**
 * Makes a folder for its owner alone.
 * @param path of the folder
 */
export const makeFolder = (path: string): void => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
};

/**
 * Makes the names in a folder last.
 * @param folder path
 */
export function syncFolder(folder: string): void {
  // Windows opens no folders, and needs no such thing.
  if (process.platform === 'win32') return;
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Whether something could not be made since it is there. */
export const isThere = (error: unknown): boolean =>
  codeOf(error) === 'EEXIST' || (error instanceof Error && codeOf(error.cause) === 'EEXIST');

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;
