/** Which process wrote something, so that others can tell whether it still runs. Process numbers alone come again. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, as files name it. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** In which space its number counts: containers of one host have their own. Empty where the system does not tell. */
  readonly space: string;
  /** When it started, by the system's count; empty where the system does not tell. */
  readonly started: string;
}

const tryRead = (
  path: string,
  read = (own: string): string => readFileSync(own, 'utf8'),
): string | undefined => {
  try {
    return read(path);
  } catch {
    return undefined;
  }
};
const spaceHere = (): string => tryRead('/proc/self/ns/pid', (path) => readlinkSync(path)) ?? '';

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
  space: spaceHere(),
  started: startOf(process.pid),
});

/**
 * Whether a process has ended for certain. Of one on another machine, or in another container, nothing is known.
 * @param written as it named itself
 * @returns false also where it cannot be told
 */
export function hasEnded({ pid, host, space, started }: ProcessIdentity): boolean {
  if (!isHere({ host, space })) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  return started !== '' && startOf(pid) !== started;
}

/**
 * Whether the number of a process means something here.
 * @param written where it says it runs
 * @returns false for another machine or container
 */
export const isHere = ({ host, space }: Pick<ProcessIdentity, 'host' | 'space'>): boolean =>
  host === hostname() && space === spaceHere();
