/**
 * Which module takes how much of a program's cost: the program runs on a cost engine, and what is issued while a module
 * computes counts for it. A product is truncated where its value is wanted, so that round counts there.
 */
import type { CostSession } from '@tacit/mpc';
import { CrypTensor } from '@tacit/tensor';

/** What is traced: a module, without naming its class. */
export interface TracedModule {
  readonly constructor: { readonly name: string };
  members(): Iterable<readonly [name: string, member: unknown]>;
  forward(...inputs: readonly CrypTensor[]): CrypTensor;
}

/** What a module, or a part of a program, takes by itself: without the modules that it calls. */
export interface TracedPart<M = TracedModule> {
  /** Fields that lead to the module, '' for the traced one itself; or the name of a part. */
  readonly name: string;
  readonly module: M | undefined;
  /** Shape of what a module returned. */
  shape: readonly number[] | undefined;
  /** What it adds to the longest chain of messages. */
  rounds: number;
  /** Payload bytes that all parties send, together. */
  bytes: number;
  dealerBytes: number;
}

const isModule = (member: unknown): member is TracedModule =>
  typeof member === 'object' && member !== null && 'forward' in member && 'members' in member;

/** Adds up what modules cost. */
export class CostTrace {
  /** In the order of their calls. */
  readonly parts: TracedPart[] = [];
  readonly #session: CostSession;
  readonly #open: TracedPart[] = [];
  /** Rounds before it began do not count: masks of weights travel beside those of inputs. */
  readonly #before: number;
  #rounds = 0;
  #operations: number;

  /** @param session of the cost engine that the program runs on */
  constructor(session: CostSession) {
    this.#session = session;
    this.#before = session.rounds;
    this.#operations = session.issued;
  }

  /**
   * Runs a part of a program, and notes what it costs without the parts inside of it.
   * @param name what it is called
   * @param run the part
   * @param module the module that it is
   * @returns what it returns
   */
  part<T>(name: string, run: () => T, module?: TracedModule): T {
    const part = { name, module, shape: undefined, rounds: 0, bytes: 0, dealerBytes: 0 };
    this.#settle();
    this.parts.push(part);
    this.#open.push(part);
    try {
      const result = run();
      // A product that is not issued yet has its rounds already.
      this.#settle(result instanceof CrypTensor ? result.rounds : 0);
      return result;
    } finally {
      this.#open.pop();
    }
  }

  /**
   * Runs a function while every call of a module below `root`, and of itself, is noted.
   * @param root module
   * @param run what calls it
   * @returns what it returns
   */
  modules<T>(root: TracedModule, run: () => T): T {
    const found = new Map<TracedModule, string>();
    collect(root, '', found);
    const restore = [...found].map(([module, name]) => this.#wrap(module, name));
    try {
      return run();
    } finally {
      for (const put of restore) put();
    }
  }

  #wrap(module: TracedModule, name: string): () => void {
    const own = Object.getOwnPropertyDescriptor(module, 'forward');
    const { forward } = module;
    const traced = (...inputs: readonly CrypTensor[]): CrypTensor =>
      this.part(
        name,
        () => {
          const part = this.#open.at(-1);
          const result = forward.call(module, ...inputs);
          if (part) part.shape = result.shape;
          return result;
        },
        module,
      );
    Object.defineProperty(module, 'forward', { value: traced, configurable: true, writable: true });
    return () => {
      if (own) Object.defineProperty(module, 'forward', own);
      else Reflect.deleteProperty(module, 'forward');
    };
  }

  /** What was issued since the last time counts for the innermost part. */
  #settle(reached = 0): void {
    const { operations, rounds: all } = this.#session;
    const rounds = Math.max(this.#rounds, all > this.#before ? all : 0, reached);
    const part = this.#open.at(-1);
    if (part) {
      part.rounds += rounds - this.#rounds;
      this.#rounds = rounds;
      for (const cost of operations.slice(this.#operations)) {
        part.bytes += cost.bytes;
        part.dealerBytes += cost.dealerBytes;
      }
    }
    this.#operations = operations.length;
  }
}

function collect(module: TracedModule, name: string, found: Map<TracedModule, string>): void {
  if (found.has(module)) return;
  found.set(module, name);
  for (const [field, member] of module.members())
    if (isModule(member)) collect(member, name === '' ? field : `${name}.${field}`, found);
}
