/**
 * Numbers of attempts at a shard, each given once: a number is a file that only one process can create. So they grow
 * whatever happens to the queue, and two workers that have the same shard never have the same number.
 *
 *   attempts/<shard>/<number>         taken
 *   attempts/<shard>/<number>.begun   beside it: all members had accepted, so it counts
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isThere, makeFolder } from './durable.js';

/** A number that was taken. */
export interface AttemptNumber {
  readonly number: number;
  /** It counts: its session begins. */
  begun(): void;
  /** Its session did not begin: the number may be taken again. */
  giveBack(): void;
}

/**
 * Takes the next number of a shard.
 * @param folder `attempts/<shard>` of the batch, made if it is not there
 * @param least the lowest number that will do, as members know of attempts that this folder does not
 * @returns a number that no other process has
 */
export function takeAttempt(folder: string, least = 1): AttemptNumber {
  makeFolder(folder);
  for (let number = Math.max(least, highest(folder) + 1); ; number++) {
    const path = join(folder, String(number));
    try {
      writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (isThere(error)) continue;
      throw error;
    }
    let counted = false;
    return {
      number,
      begun: () => {
        counted = true;
        writeFileSync(`${path}.begun`, '', { mode: 0o600 });
      },
      giveBack: () => {
        if (!counted) rmSync(path, { force: true });
      },
    };
  }
}

/**
 * How many attempts at a shard have begun.
 * @param folder `attempts/<shard>` of the batch
 * @returns the count
 */
export const countBegun = (folder: string): number => begunIn(folder).length;

const highest = (folder: string): number => Math.max(0, ...namesIn(folder).map((name) => parseInt(name, 10)));
const begunIn = (folder: string): number[] =>
  namesIn(folder)
    .filter((name) => name.endsWith('.begun'))
    .map((name) => parseInt(name, 10));

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+(\.begun)?$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
