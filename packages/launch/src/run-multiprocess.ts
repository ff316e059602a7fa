/**
 * `runMultiprocess`: one script, several parties.
 *
 * Each party is a worker thread or a child process that imports the same module. There, the call that started it runs
 * the function, and calls before it return at once what they returned to the first run. So **the top level of the
 * module runs again in each party, up to the call**: keep side effects (files, servers, random choices) inside the
 * function or in `runOnce`, and make the same calls whatever happens. What it prints again is dropped. After the function
 * the party ends; nothing behind the call runs there.
 */
import { contentSite, replayable, runLaunch } from './calls.js';
import { LaunchOptionsError } from './errors.js';
import { warnOfTwin } from './first-party.js';
import { computeInProcess } from './in-process.js';
import type { LaunchedParty } from './launched-party.js';
import { moduleAddress } from './module-address.js';
import { checkOptions, type LaunchOptions } from './options.js';
import { decodeResult } from './result-codec.js';

/**
 * Runs `program` at `options.worldSize` parties and resolves to their results, by rank. Results may be anything that
 * can be cloned (structuredClone), and onnxruntime-common's Tensors.
 * @param options how many parties, of what kind, with what settings
 * @param moduleUrl `import.meta.url` of the module that makes the call
 * @param program what a party does; it runs in a thread or process of its own, from this module imported again
 * @returns what the parties returned, by rank
 * @throws LaunchOptionsError on impossible options
 * @throws PartyError when a party's function throws; `cause` is the original error
 * @throws PartyExitedError when a party or the dealer ended without saying why
 * @throws PartyNotReachedError when the module did not come to this call again
 * @throws NestedLaunchError inside a party
 * @throws LaunchAbortedError when `options.signal` fired
 * @example
 * const [y] = await runMultiprocess({ worldSize: 2 }, import.meta.url, (party) =>
 *   party.cryptensor([1, -2], { src: 0 }).relu().getPlainText(),
 * );
 */
export async function runMultiprocess<T>(
  options: LaunchOptions,
  moduleUrl: string | URL,
  program: (party: LaunchedParty) => Promise<T> | T,
): Promise<T[]> {
  const url = moduleAddress(moduleUrl);
  const results = await replayable(
    url,
    async ({ call, earlier }) => {
      const checked = checkOptions(options);
      if (checked.suite === 'plain') return computeInProcess(checked, program);
      if (checked.twin) warnOfTwin();
      return runLaunch(checked, { kind: 'call', moduleUrl: url, call, earlier });
    },
    program,
  );
  return (await Promise.all(results.map(decodeResult))) as T[];
}

/**
 * As runMultiprocess, for a function that a module exports under `name`; it gets the party and `argument`. The parties
 * import that module as a whole first, so the call must be in another one: at its own top level it would wait for itself.
 * @param options as of runMultiprocess
 * @param moduleUrl of the module with the function
 * @param name under which the module exports it
 * @param argument what it gets beside the party: anything that can be cloned
 * @returns what the parties returned, by rank
 * @throws what runMultiprocess throws; PartyError with cause LAUNCH_NESTED where the module launches when it is imported
 * @example await runExported({ worldSize: 2 }, new URL('./party.js', import.meta.url), 'main', { epochs: 3 });
 */
export async function runExported(
  options: LaunchOptions,
  moduleUrl: string | URL,
  name: string,
  argument: unknown,
): Promise<unknown[]> {
  const url = moduleAddress(moduleUrl);
  const site = contentSite(`${name} of ${url}`, [options.worldSize, argument]);
  const results = await replayable(site, async ({ earlier }) => {
    const checked = checkOptions(options);
    if (checked.suite === 'plain') return computeInProcess(checked, await exportedBy(url, name, argument));
    if (checked.twin) warnOfTwin();
    return runLaunch(checked, { kind: 'export', moduleUrl: url, name, argument, earlier });
  });
  return Promise.all(results.map(decodeResult));
}

async function exportedBy(url: string, name: string, argument: unknown) {
  const { [name]: run } = (await import(url)) as Record<string, unknown>;
  if (typeof run !== 'function') throw new LaunchOptionsError(`${url} exports no function ${name}`);
  return (party: LaunchedParty): unknown => run(party, structuredClone(argument));
}
