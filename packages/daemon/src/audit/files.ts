/** The files of a log: `audit.log`, and before it `audit.log.000001`, `audit.log.000002` and so on. */
import { closeSync, fstatSync, fsyncSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * All files of a log that are there, the oldest first, the current one last.
 * @param path of the current file
 * @returns paths of those before it
 */
export function earlierFiles(path: string): string[] {
  const prefix = `${basename(path)}.`;
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(prefix) && /^\d{6,}$/.test(name.slice(prefix.length)))
    .sort((a, b) => Number(a.slice(prefix.length)) - Number(b.slice(prefix.length)))
    .map((name) => join(dirname(path), name));
}

/**
 * The name of the file that the current one becomes.
 * @param path of the current file
 * @returns one that is not there
 */
export function nextFile(path: string): string {
  const last = earlierFiles(path).at(-1);
  const number = last === undefined ? 0 : Number(last.slice(last.lastIndexOf('.') + 1));
  return `${path}.${String(number + 1).padStart(6, '0')}`;
}

/** Longest line that the log writes, and more. */
const WINDOW = 2 ** 17;

/** The end of a file. */
export interface Tail {
  readonly size: number;
  /** The last line that has an end, without it; undefined if there is none. */
  readonly line: Buffer | undefined;
  /** What comes after the last end of a line: a line that was not written to its end. */
  readonly torn: Buffer;
}

/**
 * Reads the end of a file.
 * @param file descriptor, open for reading
 * @returns its last line, and what is torn behind it
 */
export function readTail(file: number): Tail {
  const { size } = fstatSync(file);
  for (let window = WINDOW; ; window *= 4) {
    const length = Math.min(size, window);
    const bytes = Buffer.alloc(length);
    for (let read = 0; read < length; ) {
      const got = readSync(file, bytes, read, length - read, size - length + read);
      if (got === 0) break;
      read += got;
    }
    const end = bytes.lastIndexOf(0x0a);
    const start = end <= 0 ? -1 : bytes.lastIndexOf(0x0a, end - 1);
    // The line may begin before the window.
    if (length < size && (end < 0 || start < 0)) continue;
    return {
      size,
      line: end < 0 ? undefined : bytes.subarray(start + 1, end),
      torn: bytes.subarray(end + 1),
    };
  }
}

/**
 * Makes the names in a folder last.
 * @param path of a file in it
 */
export function syncFolder(path: string): void {
  // Windows opens no folders, and needs no such thing.
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
