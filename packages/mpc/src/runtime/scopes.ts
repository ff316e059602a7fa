/**
 * The scopes of a program at one party: the main one, and named ones with operations numbered on their own. A scope that
 * has ended leaves a hash in the sum of all ended scopes, which the parties compare in the end, and its name, so that no
 * name is used twice: the same name has the same random streams.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { ScopeError } from './errors.js';
import { scopeId, Transcript } from './transcript.js';

/** A scope after its last operation. */
export interface ScopeEnd {
  readonly issued: number;
  /** Of the last operation; empty where there is none. */
  readonly hash: string;
}

export class Scope {
  readonly transcript: Transcript;
  ended = false;
  /** How the scope ended at other parties, by rank. */
  readonly endedAt = new Map<number, ScopeEnd>();

  constructor(readonly name: string) {
    this.transcript = new Transcript(name);
  }
  get end(): ScopeEnd {
    const { issued, recent } = this.transcript;
    return { issued, hash: recent.at(-1)?.hash ?? '' };
  }
}

export class Scopes {
  readonly main = new Scope('');
  /** Scopes that have not ended everywhere, by id. */
  readonly #open = new Map<string, Scope>([['', this.main]]);
  readonly #ended = new EndedNames();
  /** Sum of the hashes of the ended scopes: their order is not the same at all parties. */
  readonly #sum = new Uint32Array(8);
  #endedCount = 0;

  /** The scope of a name, made at its first use. @throws ScopeError where it has ended */
  named(name: string): Scope {
    const id = scopeId(name);
    const known = this.#open.get(id);
    if (known?.ended || this.#ended.has(name))
      throw new ScopeError(`the scope '${name}' has ended; a name can be used for one scope only`);
    if (known) return known;
    const scope = new Scope(name);
    this.#open.set(id, scope);
    return scope;
  }

  byId(id: string): Scope | undefined {
    return this.#open.get(id);
  }

  open(): Iterable<Scope> {
    return this.#open.values();
  }

  end(scope: Scope): void {
    scope.ended = true;
    this.#endedCount++;
    this.#ended.add(scope.name);
    const { issued, hash } = scope.end;
    const digest = sha256(utf8ToBytes(JSON.stringify([scope.name, issued, hash])));
    const words = new Uint32Array(digest.buffer, digest.byteOffset, 8);
    words.forEach((word, i) => {
      this.#sum[i] += word;
    });
  }

  /** Forgets a scope that has ended in the same way at all parties. */
  settle({ transcript }: Scope): void {
    this.#open.delete(transcript.scope);
  }

  /** All ended scopes, whatever their order. */
  get past(): { readonly count: number; readonly sum: string } {
    return { count: this.#endedCount, sum: bytesToHex(new Uint8Array(this.#sum.buffer)) };
  }

  /** Entries that are kept: of open scopes, and of names that have ended. */
  get size(): number {
    return this.#open.size + this.#ended.size;
  }
}

/**
 * An exact set of names. Names that end in a number are kept as runs of numbers, so a service that counts its requests
 * keeps a few entries however many there were. Other names are kept as they are.
 */
export class EndedNames {
  readonly #others = new Set<string>();
  /** By what comes before the number: disjoint runs [first, last] that do not touch, ascending. */
  readonly #runs = new Map<string, [first: number, last: number][]>();

  get size(): number {
    let size = this.#others.size;
    for (const runs of this.#runs.values()) size += runs.length;
    return size;
  }

  has(name: string): boolean {
    const counted = countedName(name);
    if (!counted) return this.#others.has(name);
    const runs = this.#runs.get(counted.prefix) ?? [];
    const at = firstRunBeyond(runs, counted.number) - 1;
    return at >= 0 && counted.number <= runs[at][1];
  }

  add(name: string): void {
    const counted = countedName(name);
    if (!counted) {
      this.#others.add(name);
      return;
    }
    const { prefix, number } = counted;
    const runs = this.#runs.get(prefix) ?? [];
    this.#runs.set(prefix, runs);
    const at = firstRunBeyond(runs, number);
    const [before, after] = [runs[at - 1], runs[at]];
    if (before && number <= before[1]) return;
    const touchesBefore = before !== undefined && before[1] === number - 1;
    const touchesAfter = after !== undefined && after[0] === number + 1;
    if (touchesBefore && touchesAfter) {
      before[1] = after[1];
      runs.splice(at, 1);
    } else if (touchesBefore) before[1] = number;
    else if (touchesAfter) after[0] = number;
    else runs.splice(at, 0, [number, number]);
  }
}

/** A name that ends in a number as JavaScript writes it: another spelling is another name. */
function countedName(name: string): { prefix: string; number: number } | undefined {
  const match = /^(.*?)(0|[1-9]\d{0,14})$/s.exec(name);
  if (!match || /\d$/.test(match[1])) return undefined;
  return { prefix: match[1], number: Number(match[2]) };
}

/** Index of the first run that begins after `number`. */
function firstRunBeyond(runs: readonly (readonly [number, number])[], number: number): number {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle][0] <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}
