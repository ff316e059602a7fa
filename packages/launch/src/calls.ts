/**
 * The rule that all launching functions keep: a script runs once, and its top level again in each party. There a call
 * that ended in the first run gives at once what it gave then, the call that started the party runs its function, and
 * nothing is launched a second time.
 *
 * A call is named by its site (the module, or what is run on what) and how many calls of this site came before, so the
 * top level must make the same calls in the same order in every party.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import { LaunchOptionsError, NestedLaunchError } from './errors.js';
import { decodeLaunchError, encodeLaunchError } from './launch-error.js';
import { memberContext, type PartyFunction } from './member/context.js';
import { callKey, type Outcome, type Program, type RecordedCalls } from './messages.js';
import type { CheckedOptions } from './options.js';
import { Launch } from './parent/launch.js';

/**
 * Calls of this script so far: how many by site, how they ended, and which still run. State of the process, because
 * "the k-th call of this module" is: the parties count the same calls.
 */
const calls = {
  counts: new Map<string, number>(),
  outcomes: new Map<string, Outcome>(),
  running: new Set<Launch>(),
};

/** What a call of a launching function is given in the first run of the script. */
export interface FirstRun {
  /** How many calls of this site came before. */
  readonly call: number;
  /** How earlier calls of the script ended. */
  readonly earlier: RecordedCalls;
}

/** Says in what runs for a party of this thread that it does. */
const inParty = new AsyncLocalStorage<true>();

/** Runs a party's function in this thread: nothing can be launched from inside. */
export const asParty = <T>(run: () => T): T => inParty.run(true, run);

/**
 * Runs `first` in the first run of the script and records how it ended; in a party gives what was recorded, or runs
 * `program` if this is the call that started the party.
 * @param site names the call; the same text must not name two different computations
 * @param first does the work; its result must be cloneable
 * @param program what a party of this call runs, for calls that start parties from the call itself
 * @returns what `first` returned in the first run, as a copy
 * @throws NestedLaunchError inside a party's function, and where a party would launch again
 * @throws what `first` throws, or threw
 */
export async function replayable<T>(
  site: string,
  first: (run: FirstRun) => Promise<T>,
  program?: PartyFunction,
): Promise<T> {
  if (inParty.getStore()) throw new NestedLaunchError('inside a running party');
  const member = memberContext();
  if (member) {
    if (member.started) throw new NestedLaunchError('inside a running party');
    return copyOfValue(await member.replay(site, program));
  }
  const call = calls.counts.get(site) ?? 0;
  calls.counts.set(site, call + 1);
  const record = (outcome: Outcome): Outcome => {
    const key = callKey(site, call);
    calls.outcomes.set(key, outcome);
    for (const launch of calls.running) launch.learn(key, outcome);
    return outcome;
  };
  try {
    const value = await first({ call, earlier: new Map(calls.outcomes) });
    return copyOfValue(record({ ok: true, value }));
  } catch (error) {
    record({ ok: false, error: encodeLaunchError(error) });
    throw error;
  }
}

/** Starts parties and waits for them; meanwhile they hear how other calls of the script end. */
export async function runLaunch(options: CheckedOptions, program: Program): Promise<unknown[]> {
  const launch = new Launch(options, program);
  calls.running.add(launch);
  try {
    return await launch.run();
  } finally {
    calls.running.delete(launch);
  }
}

/**
 * A site for calls that are named by what they compute on, since they are not told which module they are in.
 * @throws LaunchOptionsError if `argument` cannot be cloned
 */
export function contentSite(what: string, argument: unknown): string {
  try {
    return `${what} ${createHash('sha256').update(serialize(argument)).digest('hex')}`;
  } catch (error) {
    throw new LaunchOptionsError(
      `the argument of ${what} cannot be sent to a party: ${(error as Error).message}`,
    );
  }
}

/** A copy for the script; the recorded value stays as it is for later parties. */
function copyOfValue<T>(outcome: Outcome): T {
  if (!outcome.ok) throw decodeLaunchError(outcome.error);
  return structuredClone(outcome.value) as T;
}
