/**
 * What the launching functions find when a script runs again inside a party: which call is to run here, and how the
 * earlier ones ended. Set by the entry point of a party before it imports the script. A thread or a process is one party
 * at most, so this is state of the thread, like its `parentPort`.
 */
import { NestedLaunchError } from '../errors.js';
import type { LaunchedParty } from '../launched-party.js';
import { callKey, type Outcome, type Program } from '../messages.js';

export type PartyFunction = (party: LaunchedParty) => unknown;

/** The part of a member that launching functions talk to. */
export class MemberContext {
  readonly #counts = new Map<string, number>();
  readonly #outcomes: Map<string, Outcome>;
  readonly #waiting = new Map<string, (outcome: Outcome) => void>();
  #reached = false;

  constructor(
    readonly program: Program,
    /** Runs the function; never returns to the script. */
    readonly run: (program: PartyFunction) => void,
    /** Keeps the thread alive while the script waits for a call that is still running elsewhere. */
    readonly hold: (held: boolean) => void,
  ) {
    this.#outcomes = new Map(program.earlier);
  }

  /** Whether the function of this party runs: any call from now on comes from inside it. */
  started = false;

  /** The launcher tells how another call ended. */
  learn(key: string, outcome: Outcome): void {
    this.#outcomes.set(key, outcome);
    this.#waiting.get(key)?.(outcome);
    this.#waiting.delete(key);
  }

  /**
   * The outcome of an earlier call; for the call of this party, runs the function and stays pending.
   * @throws NestedLaunchError in a party of an exported function: its module must be imported to the end first, so
   * waiting for a call that has not ended yet, this party's own perhaps, would wait for ever
   */
  async replay(site: string, run?: PartyFunction): Promise<Outcome> {
    const { program } = this;
    const call = this.#counts.get(site) ?? 0;
    this.#counts.set(site, call + 1);
    const key = callKey(site, call);
    const outcome = this.#outcomes.get(key);
    if (outcome) return outcome;
    if (program.kind === 'export')
      throw new NestedLaunchError(
        `while ${program.moduleUrl} was imported for its function ${program.name}, by that module or one that it imports`,
      );
    if (run && site === program.moduleUrl && call === program.call) {
      this.#reached = true;
      this.run(run);
    } else if (!this.#reached) this.hold(true);
    return new Promise((resolve) => {
      this.#waiting.set(key, (late) => {
        if (!this.#reached) this.hold(false);
        resolve(late);
      });
    });
  }
}

let current: MemberContext | undefined;

/** The context of this thread or process, if it is a party. */
export const memberContext = (): MemberContext | undefined => current;

export function setMemberContext(context: MemberContext): void {
  current = context;
}
