/** A program in the clear: the same handles, one process, no shares and no dealer. */
import type { LaunchedParty } from './launched-party.js';
import type { LaunchOptions } from './options.js';
import { runMultiprocess } from './run-multiprocess.js';

/** Options of a run in the clear: those of a launch that mean something within one thread. */
export type PlainRunOptions = Partial<
  Pick<LaunchOptions, 'worldSize' | 'config' | 'twin' | 'signal' | 'onEvent'>
>;

/**
 * Runs `program` in the suite `plain`: every party of it within this process and this thread, with values that a debugger
 * sees, exact truncations and no rounds. For debugging: nothing is hidden from anybody.
 * @param moduleUrl `import.meta.url` of the module that makes the call
 * @param program what a party does, as of runMultiprocess
 * @param options how many parties there are (default 2), and their settings
 * @returns what the parties returned, by rank
 * @throws what runMultiprocess throws
 * @example
 * const [y] = await runPlain(import.meta.url, (party) =>
 *   party.cryptensor([1, -2], { src: 0 }).relu().getPlainText(),
 * );
 */
export const runPlain = <T>(
  moduleUrl: string | URL,
  program: (party: LaunchedParty) => Promise<T> | T,
  options: PlainRunOptions = {},
): Promise<T[]> => runMultiprocess({ worldSize: 2, ...options, suite: 'plain' }, moduleUrl, program);
