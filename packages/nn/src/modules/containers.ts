/** Modules in a list or by name, for a module of one's own to use as it likes. */
import { ArgumentError } from '@tacit/errors';
import type { CrypTensor } from '@tacit/tensor';
import { Module } from '../module.js';

function requireModule(what: string, name: string | number, value: unknown): Module {
  if (value instanceof Module) return value;
  throw new ArgumentError(`${what}: '${name}' is no module`);
}

/** Modules by number. */
export class ModuleList extends Module {
  readonly #modules: Module[];

  /**
   * A list, which can grow before it is encrypted.
   * @param modules modules in their order
   * @throws ArgumentError for anything that is no module
   * @example new nn.ModuleList([new nn.Linear(4, 4), new nn.Linear(4, 4)])
   */
  constructor(modules: Iterable<Module> = []) {
    super();
    this.#modules = Array.from(modules, (module, i) => requireModule('ModuleList', i, module));
  }

  override *members(): Generator<[string, Module]> {
    for (const [i, module] of this.#modules.entries()) yield [String(i), module];
  }

  /** How many there are. */
  get length(): number {
    return this.#modules.length;
  }

  /**
   * One of them.
   * @param index place; negative ones count from the back
   * @returns the module
   * @throws ArgumentError where there is none
   */
  at(index: number): Module {
    const found = this.#modules.at(index);
    if (!found || !Number.isInteger(index))
      throw new ArgumentError(`ModuleList: there is no module ${index} of ${this.#modules.length}`);
    return found;
  }

  /**
   * Adds a module at the end.
   * @param module module
   * @returns this list
   * @throws ArgumentError where it is no module
   */
  append(module: Module): this {
    this.#modules.push(requireModule('ModuleList', this.#modules.length, module));
    return this;
  }

  /** Modules in their order. */
  [Symbol.iterator](): Iterator<Module> {
    return this.#modules[Symbol.iterator]();
  }

  /**
   * A list computes nothing.
   * @throws ArgumentError always
   */
  override forward(..._inputs: readonly CrypTensor[]): CrypTensor {
    throw new ArgumentError('a ModuleList computes nothing by itself: call its modules, or use Sequential');
  }
}

/** Modules by name. */
export class ModuleDict extends Module {
  readonly #modules: Map<string, Module>;

  /**
   * Modules by name.
   * @param modules modules
   * @throws ArgumentError for anything that is no module, and names that are empty or contain a dot
   * @example new nn.ModuleDict({ head: new nn.Linear(4, 2) })
   */
  constructor(modules: Readonly<Record<string, Module>> = {}) {
    super();
    this.#modules = new Map();
    for (const [name, module] of Object.entries(modules)) this.set(name, module);
  }

  override *members(): Generator<[string, Module]> {
    yield* this.#modules;
  }

  /** How many there are. */
  get size(): number {
    return this.#modules.size;
  }

  /**
   * One of them.
   * @param name its name
   * @returns the module
   * @throws ArgumentError where there is none
   */
  get(name: string): Module {
    const found = this.#modules.get(name);
    if (found) return found;
    throw new ArgumentError(
      `ModuleDict: there is no module '${name}', only ${[...this.#modules.keys()].join(', ') || 'none'}`,
    );
  }

  /**
   * Whether there is one.
   * @param name a name
   * @returns true where there is
   */
  has(name: string): boolean {
    return this.#modules.has(name);
  }

  /**
   * Adds a module, or puts it in another's place.
   * @param name its name
   * @param module module
   * @returns this module
   * @throws ArgumentError where it is no module, or the name is empty or contains a dot
   */
  set(name: string, module: Module): this {
    if (name === '' || name.includes('.')) throw new ArgumentError(`ModuleDict: the name '${name}'`);
    this.#modules.set(name, requireModule('ModuleDict', name, module));
    return this;
  }

  /** Names in their order. */
  keys(): IterableIterator<string> {
    return this.#modules.keys();
  }

  /** Modules in their order. */
  values(): IterableIterator<Module> {
    return this.#modules.values();
  }

  /** Names and modules in their order. */
  [Symbol.iterator](): Iterator<[string, Module]> {
    return this.#modules[Symbol.iterator]();
  }

  /**
   * A table computes nothing.
   * @throws ArgumentError always
   */
  override forward(..._inputs: readonly CrypTensor[]): CrypTensor {
    throw new ArgumentError('a ModuleDict computes nothing by itself: call its modules');
  }
}
