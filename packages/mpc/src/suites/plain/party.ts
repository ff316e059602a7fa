/**
 * A party's place in the plain suite: it numbers its commands in program order, gives them to the ideal functionality,
 * and holds handles to what comes of them. The commands themselves are in engine.ts.
 */
import { CommStats } from '@tacit/comm';
import { type Ring, sizeOf, type Words } from '@tacit/ring';
import { wordsGiven } from '../../checks.js';
import type { ProtocolConfig } from '../../runtime/config.js';
import { ScopeError } from '../../runtime/errors.js';
import { EndedNames } from '../../runtime/scopes.js';
import type { IdealFunctionality } from './functionality.js';
import { eachSigned } from './functions.js';
import { PlainSecret } from './secret.js';

/** Public facts of a command, beside its shape and operands. */
type Facts = Readonly<Record<string, unknown>>;
/** What the party that has it gives, and nobody else. */
export type Given<T> = T | Promise<T> | undefined;

/** Where a party is in its program. */
interface Place {
  readonly name: string;
  count: number;
}

export class PlainParty {
  readonly parties: number;
  readonly stats: CommStats;
  #scope: Place = { name: '', count: 0 };
  readonly #open = new Map<string, Place>();
  readonly #ended = new EndedNames();

  constructor(
    readonly functionality: IdealFunctionality,
    readonly rank: number,
    readonly ring: Ring,
    readonly config: ProtocolConfig,
  ) {
    this.parties = functionality.parties;
    this.stats = new CommStats(this.parties);
  }

  get issued(): number {
    return this.#scope.count;
  }

  scope<T>(name: string, build: () => T, { last = false }: { readonly last?: boolean } = {}): T {
    if (this.#ended.has(name))
      throw new ScopeError(`the scope '${name}' has ended; a name can be used for one scope only`);
    const outer = this.#scope;
    this.#scope = this.#open.get(name) ?? { name, count: 0 };
    this.#open.set(name, this.#scope);
    try {
      return build();
    } finally {
      this.#scope = outer;
      if (last) this.endScope(name);
    }
  }

  endScope(name: string): void {
    if (!this.#open.delete(name)) throw new ScopeError(`there is no open scope '${name}'`);
    this.#ended.add(name);
  }

  finish(): Promise<void> {
    return this.functionality.end(this.rank);
  }

  /** Tells every party public bytes of party `owner`. Announcements are numbered on their own. */
  async announce(owner: number, bytes: Given<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
    const own = async () => {
      const value = await bytes;
      if (!value) throw new RangeError(`party ${owner} announces and gave nothing to announce`);
      return value.slice();
    };
    const run = owner === this.rank ? own : undefined;
    return this.functionality.give(this.rank, 'announcements', this.#announced++, `by ${owner}`, run);
  }
  #announced = 0;

  /** Gives a command at its place in the program. */
  protected give<T>(
    kind: string,
    facts: Facts,
    run?: () => Promise<T> | T,
  ): { id: string; result: Promise<T> } {
    const { name } = this.#scope;
    const index = this.#scope.count++;
    const text = `'${kind}' ${JSON.stringify(facts)}`;
    const id = name === '' ? `operation ${index}` : `operation ${index} of ${name}`;
    return { id, result: this.functionality.give(this.rank, name, index, text, run) };
  }

  /** A secret that `run` computes of the words of others. */
  protected compute(
    kind: string,
    shape: readonly number[],
    of: readonly PlainSecret[],
    run: (...words: Words[]) => Words,
    parameters: Facts = {},
  ): PlainSecret {
    for (const x of of) x.assertUsable();
    const facts = { shape, of: of.map((x) => x.id), ...parameters };
    const { id, result } = this.give(kind, facts, async () =>
      run(...(await Promise.all(of.map((x) => x.value)))),
    );
    return new PlainSecret(id, shape, result);
  }

  /** As compute, of one secret and into words of its size that `write` fills. */
  protected fill(
    kind: string,
    shape: readonly number[],
    of: readonly PlainSecret[],
    write: (out: Words, ...words: Words[]) => void,
    parameters?: Facts,
  ): PlainSecret {
    const run = (...words: Words[]) => {
      const out = new BigUint64Array(sizeOf(shape));
      write(out, ...words);
      return out;
    };
    return this.compute(kind, shape, of, run, parameters);
  }

  /** f of each element as a signed number. */
  protected each(kind: string, x: PlainSecret, f: (v: bigint) => bigint, parameters?: Facts): PlainSecret {
    return this.compute(kind, x.shape, [x], (a) => eachSigned(a, f), parameters);
  }

  /** Words that party `owner` gives: only it can have the command carried out. */
  protected given(
    owner: number,
    shape: readonly number[],
    words: Given<Words>,
  ): (() => Promise<Words>) | undefined {
    if (owner !== this.rank) return undefined;
    return async () => wordsGiven(shape, await words).slice();
  }
}
