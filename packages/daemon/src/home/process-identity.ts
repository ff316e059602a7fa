/** Which process wrote something, so that others can tell whether it still runs. Process numbers alone come again. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, as files name it. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When it started, by the system's count; empty where the system does not tell. */
  readonly started: string;
}

const tryRead = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** Boot and start of a process on Linux: two processes of one number have different ones. */
function startOf(pid: number): string {
  // The name of the program, in brackets, may hold anything; field 22 counts from behind it.
  const fields = tryRead(`/proc/${pid}/stat`)?.replace(/^.*\)/s, '').trim().split(' ');
  const boot = tryRead('/proc/sys/kernel/random/boot_id')?.trim();
  return fields?.[19] === undefined || boot === undefined ? '' : `${boot}:${fields[19]}`;
}

/** This process. */
export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  host: hostname(),
  started: startOf(process.pid),
});

/**
 * Whether a process has ended for certain. Of one on another machine nothing is known.
 * @param written as it named itself
 * @returns false also where it cannot be told
 */
export function hasEnded({ pid, host, started }: ProcessIdentity): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  return started !== '' && startOf(pid) !== started;
}
