/**
 * The ideal functionality: a trusted party that everybody tells the same commands, that keeps all values to itself, and
 * that tells a value to those who are to learn it. It is what the other suites compute without such a party; "secure"
 * means there that nobody can tell the difference.
 *
 * Parties of one process share one object. A command is named by its place in the program (scope and number), so it does
 * not matter which party comes to it first: that one has it carried out, and for the others the result is there. An input
 * is a command that only its owner can have carried out, and the others' handles wait for it.
 */
import { ProgramMismatchError } from '../../runtime/errors.js';

/** One command, from the first party that gives it until all have given it and it is carried out. */
interface Command {
  readonly text: string;
  readonly first: number;
  readonly givenBy: Set<number>;
  readonly result: Promise<unknown>;
  readonly settle: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  state: 'waiting' | 'running' | 'done';
}

const ENDED = 'nothing (the program ended)';

export class IdealFunctionality {
  readonly #commands = new Map<string, Command>();
  readonly #ended = new Map<number, () => void>();
  #failure: Error | undefined;

  constructor(readonly parties: number) {}

  /** Commands that are not over: some party has still to give them, or they wait for an input. */
  get pending(): number {
    return this.#commands.size;
  }

  /**
   * Party `rank` gives a command.
   * @param scope with `index`, the place in the program
   * @param text what the command is, in public terms; the same for all parties
   * @param run carries it out, where this party can; only one party's is called
   * @returns the result; rejects where the parties' commands differ, or a party failed
   */
  give<T>(rank: number, scope: string, index: number, text: string, run?: () => Promise<T> | T): Promise<T> {
    if (this.#failure) throw this.#failure;
    const key = `${index} ${scope}`;
    const command = this.#commands.get(key) ?? this.#open(rank, key, text);
    if (command.givenBy.has(rank))
      throw new RangeError(`party ${rank} gave command ${index} of '${scope}' twice`);
    if (command.text !== text) {
      this.fail(new ProgramMismatchError(index, text, command.text, command.first));
      return command.result as Promise<T>;
    }
    command.givenBy.add(rank);
    const [gone] = this.#ended.keys();
    if (gone !== undefined && command.first === rank)
      this.fail(new ProgramMismatchError(index, text, ENDED, gone));
    if (run && command.state === 'waiting') {
      command.state = 'running';
      new Promise<T>((resolve) => resolve(run())).then(command.settle, command.reject);
    }
    this.#forget(key, command);
    return command.result as Promise<T>;
  }

  #open(rank: number, key: string, text: string): Command {
    let settle: (result: unknown) => void = () => {};
    let reject: (error: Error) => void = () => {};
    const result = new Promise<unknown>((resolve, refuse) => {
      settle = resolve;
      reject = refuse;
    });
    const command: Command = {
      text,
      first: rank,
      givenBy: new Set(),
      result,
      settle,
      reject,
      state: 'waiting',
    };
    this.#commands.set(key, command);
    const done = () => {
      command.state = 'done';
      this.#forget(key, command);
    };
    result.then(done, done); // a rejection is reported where the handle is awaited
    return command;
  }

  #forget(key: string, { givenBy, state }: Command): void {
    if (state === 'done' && givenBy.size === this.parties) this.#commands.delete(key);
  }

  /** Party `rank` ends its program; resolves when all have. Rejects where another party went on, or failed. */
  async end(rank: number): Promise<void> {
    if (this.#failure) throw this.#failure;
    const ending = new Promise<void>((resolve) => this.#ended.set(rank, resolve));
    for (const [key, { givenBy, text, first }] of this.#commands)
      if (!givenBy.has(rank)) {
        this.fail(new ProgramMismatchError(Number.parseInt(key, 10), ENDED, text, first));
        break;
      }
    if (this.#ended.size === this.parties) for (const resolve of this.#ended.values()) resolve();
    await ending;
    if (this.#failure) throw this.#failure;
  }

  /** Ends the computation for all: whatever is pending rejects, whatever comes throws. The first error stays. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#commands.values()) reject(this.#failure);
    for (const resolve of this.#ended.values()) resolve();
  }
}
