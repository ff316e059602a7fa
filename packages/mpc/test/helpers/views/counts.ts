/** Frequencies of symbols, and of pairs of them, by what is counted. */
import type { Column } from './columns.js';

/** Which elements are paired: those from `a` on of one column with those from `b` on of the other. */
interface Pairing {
  readonly a?: number;
  readonly b?: number;
  readonly step?: number;
  readonly count?: number;
}

/** What is counted, in words, as a path, none the beginning of another: there are many, and few are ever read. */
type What = readonly string[];

type Branch = Map<string, Branch | Uint32Array>;

export class Counts {
  readonly #root: Branch = new Map();

  /** Everything that was counted, by its name. */
  *all(): Generator<[string, Uint32Array]> {
    yield* leaves(this.#root, []);
  }

  #bins(what: What, bits: number): Uint32Array {
    let branch = this.#root;
    for (const key of what.slice(0, -1)) branch = orMade(branch, key, () => new Map()) as Branch;
    return orMade(branch, what[what.length - 1], () => new Uint32Array(1 << bits)) as Uint32Array;
  }

  /** Counts the symbols of a column. */
  one(what: What, { bits, symbols }: Column): void {
    const bins = this.#bins(what, bits);
    for (const symbol of symbols) bins[symbol]++;
  }

  /** Counts pairs of symbols: of the same element, unless said otherwise. */
  two(what: What, x: Column, y: Column, { a = 0, b = 0, step = 1, count }: Pairing = {}): void {
    const bins = this.#bins(what, x.bits + y.bits);
    const pairs = count ?? Math.min(x.symbols.length, y.symbols.length);
    for (let i = 0; i < pairs; i++) bins[(x.symbols[a + i * step] << y.bits) | y.symbols[b + i * step]]++;
  }

  /** Counts runs of `length` bits. */
  runs(what: What, { symbols }: Column, length: number): void {
    const bins = this.#bins(what, length);
    for (let i = 0; i + length <= symbols.length; i += length) {
      let run = 0;
      for (let j = 0; j < length; j++) run |= symbols[i + j] << j;
      bins[run]++;
    }
  }
}

function orMade(branch: Branch, key: string, make: () => Branch | Uint32Array): Branch | Uint32Array {
  const known = branch.get(key);
  if (known) return known;
  const made = make();
  branch.set(key, made);
  return made;
}

function* leaves(branch: Branch, path: readonly string[]): Generator<[string, Uint32Array]> {
  for (const [key, value] of branch)
    if (value instanceof Map) yield* leaves(value, [...path, key]);
    else yield [[...path, key].join(', '), value];
}
