/**
 * `runMultiprocess`: one script, several parties.
 *
 * Each party is a worker thread or a child process that imports the same module. There, the call that started it runs
 * the function, and calls before it return at once what they returned to the first run. So **the top level of the
 * module runs again in each party, up to the call**: keep side effects (files, servers, random choices) out of it or
 * inside the function, and make the same calls whatever happens. What it prints again is dropped. After the function
 * the party ends; nothing behind the call runs there.
 */
import { LaunchOptionsError, NestedLaunchError } from './errors.js';
import { decodeLaunchError, encodeLaunchError } from './launch-error.js';
import type { LaunchedParty } from './launched-party.js';
import { memberContext } from './member/context.js';
import { callKey, type Outcome } from './messages.js';
import { checkOptions, type LaunchOptions } from './options.js';
import { Launch } from './parent/launch.js';
import { decodeResult } from './result-codec.js';

/**
 * Calls of this script so far: how many by module, how they ended, and which still run. State of the process, because
 * "the k-th call of this module" is: the parties count the same calls.
 */
const calls = {
  counts: new Map<string, number>(),
  outcomes: new Map<string, Outcome>(),
  running: new Set<Launch>(),
};

/**
 * Runs `program` at `options.worldSize` parties and resolves to their results, by rank. Results may be anything that
 * can be cloned (structuredClone), and onnxruntime-common's Tensors.
 * @param moduleUrl `import.meta.url` of the module that makes the call
 * @throws LaunchOptionsError on impossible options
 * @throws PartyError when a party's function throws; `cause` is the original error
 * @throws PartyExitedError when a party or the dealer ended without saying why
 * @throws PartyNotReachedError when the module did not come to this call again
 * @throws LaunchAbortedError when `options.signal` fired
 */
export async function runMultiprocess<T>(
  options: LaunchOptions,
  moduleUrl: string | URL,
  program: (party: LaunchedParty) => Promise<T> | T,
): Promise<T[]> {
  const url = moduleAddress(moduleUrl);
  const member = memberContext();
  if (member) {
    if (member.started) throw new NestedLaunchError();
    return (await outcomeResults(await member.replay(url, program))) as T[];
  }
  const call = calls.counts.get(url) ?? 0;
  calls.counts.set(url, call + 1);
  const outcome = await settle(options, url, call);
  return (await outcomeResults(outcome)) as T[];
}

/**
 * As runMultiprocess, for a function that a module exports under `name`; it gets the party and `argument`. The module's
 * top level is only imported, not counted for calls.
 */
export async function runExported(
  options: LaunchOptions,
  moduleUrl: string | URL,
  name: string,
  argument: unknown,
): Promise<unknown[]> {
  if (memberContext()?.started) throw new NestedLaunchError();
  const program = { kind: 'export', moduleUrl: moduleAddress(moduleUrl), name, argument } as const;
  const results = await new Launch(checkOptions(options), program).run();
  return Promise.all(results.map(decodeResult));
}

/** Runs a call and records how it ended, for the parties of later calls. Throws what the launch throws. */
async function settle(options: LaunchOptions, url: string, call: number): Promise<Outcome> {
  const key = callKey(url, call);
  const record = (outcome: Outcome): Outcome => {
    calls.outcomes.set(key, outcome);
    for (const launch of calls.running) launch.learn(key, outcome);
    return outcome;
  };
  let launch: Launch | undefined;
  try {
    const earlier = new Map(calls.outcomes);
    launch = new Launch(checkOptions(options), { kind: 'call', moduleUrl: url, call, earlier });
    calls.running.add(launch);
    const results = await launch.run();
    calls.running.delete(launch);
    return record({ ok: true, results });
  } catch (error) {
    if (launch) calls.running.delete(launch);
    record({ ok: false, error: encodeLaunchError(error) });
    throw error;
  }
}

/** A copy of the results for the script; the recorded ones stay as they are for later parties. */
async function outcomeResults(outcome: Outcome): Promise<unknown[]> {
  if (!outcome.ok) throw decodeLaunchError(outcome.error);
  return Promise.all(structuredClone(outcome.results).map(decodeResult));
}

function moduleAddress(moduleUrl: string | URL): string {
  const url = String(moduleUrl);
  if (!url.startsWith('file:'))
    throw new LaunchOptionsError(
      `the second argument must be import.meta.url of the calling module, a file: URL, not '${url}'`,
    );
  return url;
}
