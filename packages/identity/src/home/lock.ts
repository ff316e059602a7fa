/** One process at a time, for what takes milliseconds. */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { FileError } from '@tacit/files';
import { createOwn } from './private-files.js';

const PATIENCE_MS = 10_000;
const PAUSE_MS = 10;

/**
 * Does something while no other process that asks for the same lock does. A lock that a killed process left behind is
 * removed.
 * @param path of the file that is the lock
 * @param act what is done; nothing that waits
 * @returns what `act` returned
 * @throws FileError where another process holds the lock for ten seconds, or the file cannot be made; what `act` throws
 */
export function withLock<T>(path: string, act: () => T): T {
  const until = Date.now() + PATIENCE_MS;
  while (!createOwn(path, String(process.pid))) {
    const holder = read(path);
    if (holder !== undefined && isDead(holder)) removeOf(path, holder);
    else if (Date.now() > until)
      throw new FileError(
        'FILE_NOT_WRITABLE',
        path,
        `process ${holder || 'unknown'} holds the lock ${path} for long; remove the file if no tacit is running`,
      );
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  try {
    return act();
  } finally {
    rmSync(path, { force: true });
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isDead(holder: string): boolean {
  if (!/^[1-9]\d{0,9}$/.test(holder)) return false;
  // This process waits, so it is one before it that had the same number, as in containers.
  if (holder === String(process.pid)) return true;
  try {
    process.kill(Number(holder), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Of several processes that find a dead one's lock, one moves it away; who moved a living one's gives it back. */
function removeOf(path: string, holder: string): void {
  const moved = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, moved);
  } catch {
    return;
  }
  try {
    if (read(moved) !== holder) linkSync(moved, path);
  } catch {
    // Somebody else has the lock by now.
  } finally {
    rmSync(moved, { force: true });
  }
}
