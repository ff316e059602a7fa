/** usage.json: what peers used of their quotas today, and which sessions run. */
import { readFileSync } from 'node:fs';
import { writeAtomically } from '@tacit/files';
import * as v from 'valibot';
import { UsageError } from '../errors.js';
import { hasEnded, isHere } from '../home/process-identity.js';

/** How often a process says that its sessions run, and after how long one on another machine or in another container does not. */
export const SEEN_MS = 20_000;
const GONE_MS = 90_000;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(500));

const schema = v.strictObject({
  version: v.literal(1),
  /** The day of UTC that `used` is of, e.g. 2026-11-27. */
  day: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
  used: v.array(v.strictObject({ peer: text, program: text, sessions: count, bytes: count })),
  running: v.array(
    v.strictObject({
      id: text,
      peer: text,
      program: text,
      /** Bytes that are counted in `used` already and were not moved yet. */
      reserved: count,
      process: v.strictObject({ pid: count, host: text, space: text, started: text }),
      /** When the process last said that it runs, milliseconds since 1970. */
      seen: count,
    }),
  ),
});

/** What the file holds. */
export type UsageState = v.InferOutput<typeof schema>;

/**
 * The state on a day: counts of another day are gone, sessions of processes that died run no more. A clock that goes back
 * gives no quota back: the day of the file stays.
 * @param path of the file; where there is none, nothing is used
 * @param now milliseconds since 1970
 * @returns the state, of that day or a later one
 * @throws UsageError if the file is damaged
 */
export function readUsage(path: string, now: number): UsageState {
  const day = dayOf(now);
  let state: UsageState;
  try {
    state = v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, day, used: [], running: [] };
    throw new UsageError(
      `${path} cannot be read, so that it is not known what peers have used: ${(cause as Error).message}`,
      { cause },
    );
  }
  const running = state.running.filter(
    ({ process, seen }) => !hasEnded(process) && (isHere(process) || now - seen < GONE_MS),
  );
  return day > state.day ? { version: 1, day, used: [], running } : { ...state, running };
}

/**
 * Writes the state; it is on the disk when this returns.
 * @param path of the file
 * @param state what it will hold
 * @throws UsageError if it cannot be written; the file is as it was
 */
export function writeUsage(path: string, state: UsageState): void {
  try {
    writeAtomically(path, new TextEncoder().encode(`${JSON.stringify(state, null, 1)}\n`), { mode: 0o600 });
  } catch (cause) {
    throw new UsageError(`what peers use cannot be written: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The day of UTC.
 * @param now milliseconds since 1970
 * @returns e.g. `2026-11-27`
 */
const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);
