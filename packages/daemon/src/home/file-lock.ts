/**
 * One process at a time, by files beside the one that is locked. Everybody who wants the lock puts a file of a name of
 * their own there and then looks for others; who sees none has the lock, and who sees one takes their own back and tries
 * again later. Of two at least one sees the other, so that never both have it. What a process that died has left may be
 * removed by anybody at any time, since nobody uses its name again: with a single lock file, two that clean up could
 * remove each other's fresh lock.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HomeLockedError } from '../errors.js';
import { hasEnded, isHere, type ProcessIdentity, thisProcess } from './process-identity.js';

/** What a lock protects takes milliseconds; who holds it this long on another machine or in another container is gone. */
const STALE_MS = 60_000;

/** For tests. */
export interface LockOptions {
  /** How long to try. */
  readonly patienceMs?: number | undefined;
}

/** Of this process: one after another, so that they need not find each other by files. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs something while no other process does the same for this path.
 * @param path of the file that is protected; it need not exist, its folder must
 * @param act what is done; short, and without waiting for anything but the file
 * @param options for tests
 * @returns what it returns
 * @throws HomeLockedError if others keep the lock for ten seconds
 */
export async function withLock<T>(path: string, act: () => T, options: LockOptions = {}): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve();
  const run = before.then(() => locked(path, act, options));
  const settled = run.catch(() => undefined);
  queues.set(path, settled);
  try {
    return await run;
  } finally {
    if (queues.get(path) === settled) queues.delete(path);
  }
}

async function locked<T>(path: string, act: () => T, { patienceMs = 10_000 }: LockOptions): Promise<T> {
  const until = performance.now() + patienceMs;
  const folder = dirname(path);
  const prefix = `.${basename(path)}.lock-`;
  for (let attempt = 0; ; attempt++) {
    let [other] = holders(folder, prefix);
    if (other === undefined) {
      const own = `${prefix}${process.pid}-${randomBytes(8).toString('hex')}`;
      writeFileSync(join(folder, own), JSON.stringify(thisProcess()), { flag: 'wx', mode: 0o600 });
      try {
        [other] = holders(folder, prefix, own);
        if (other === undefined) return act();
      } finally {
        rmSync(join(folder, own), { force: true });
      }
    }
    if (performance.now() > until)
      throw new HomeLockedError(
        `${path} has been locked for ${patienceMs / 1000} s by process ${other.pid} on ${other.host}; ` +
          'see whether it hangs',
      );
    await sleep(1 + Math.random() * Math.min(50, 2 ** Math.min(attempt, 6)));
  }
}

/** Who else has, or wants, the lock. */
function holders(folder: string, prefix: string, own?: string): ProcessIdentity[] {
  const found: ProcessIdentity[] = [];
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix) || name === own) continue;
    const path = join(folder, name);
    const holder = holderOf(path);
    if (holder === undefined) continue;
    if (holder.ended) rmSync(path, { force: true });
    else found.push(holder.process);
  }
  return found;
}

function holderOf(path: string): { process: ProcessIdentity; ended: boolean } | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  let holder: ProcessIdentity | undefined;
  try {
    holder = JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    // It has gone, or is about to be written.
  }
  // A process here that is alive and only stopped goes on where it was: its lock stays.
  const old = Date.now() - stat.mtimeMs > STALE_MS && !(holder !== undefined && isHere(holder));
  const process = holder ?? {
    pid: Number(/-(\d+)-/.exec(path)?.[1] ?? 0),
    host: 'this or another machine',
    space: '',
    started: '',
  };
  return { process, ended: old || (holder !== undefined && hasEnded(holder)) };
}
