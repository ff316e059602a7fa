/**
 * Numbers operations in program order and hashes their descriptors, so that parties which run different programs find
 * out at the first message after the difference, with both operations named, instead of computing a wrong number.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { OpId } from './prg.js';

/** What an operation is, in public terms: equal at all parties, sent to the dealer, hashed into the transcript. */
export interface Descriptor {
  readonly kind: string;
  /** Elements of the result. */
  readonly n: number;
  readonly [parameter: string]: unknown;
}

export interface IssuedOp {
  readonly id: OpId;
  readonly text: string;
  readonly hash: string;
}

/** What names a scope's streams and messages: 128 bits of a hash of its name; empty for the main program. */
export const scopeId = (name: string): string =>
  name === '' ? '' : bytesToHex(sha256(utf8ToBytes(`tacit/v1/scope/${name}`)).subarray(0, 16));

/** What scopeId gives. */
export const SCOPE_ID = /^(?:[0-9a-f]{32})?$/;

const MOST_OPERATIONS = 2 ** 32;
/** Operations kept for naming the first difference. */
const REMEMBERED = 512;

/** The transcript of one scope. */
export class Transcript {
  readonly scope: string;
  #chain: Uint8Array = new Uint8Array(32);
  #count = 0;
  #recent: IssuedOp[] = [];
  readonly #waiting = new Map<number, ((op: IssuedOp) => void)[]>();

  constructor(scopeName = '') {
    this.scope = scopeId(scopeName);
    this.#chain = sha256(utf8ToBytes(`tacit/v1/transcript/${scopeName}`));
  }

  get issued(): number {
    return this.#count;
  }

  /** Appends an operation and returns its identity. */
  append(text: string): IssuedOp {
    // The number is a word of the nonce of every stream: it must never wrap.
    if (this.#count >= MOST_OPERATIONS) throw new RangeError('a scope has at most 2^32 operations');
    const bytes = utf8ToBytes(text);
    const joined = new Uint8Array(32 + bytes.length);
    joined.set(this.#chain);
    joined.set(bytes, 32);
    this.#chain = sha256(joined);
    const op = {
      id: { index: this.#count++, scope: this.scope },
      text,
      hash: bytesToHex(this.#chain.subarray(0, 8)),
    };
    this.#recent.push(op);
    if (this.#recent.length > 2 * REMEMBERED) this.#recent = this.#recent.slice(-REMEMBERED);
    const waiting = this.#waiting.get(op.id.index);
    if (waiting) {
      this.#waiting.delete(op.id.index);
      for (const check of waiting) check(op);
    }
    return op;
  }

  /** The operation numbered `index`: at once if it was issued (undefined if long forgotten), else when it is. */
  whenIssued(index: number, check: (op: IssuedOp) => void): void {
    if (index >= this.#count) {
      const list = this.#waiting.get(index) ?? [];
      list.push(check);
      this.#waiting.set(index, list);
      return;
    }
    const op = this.find(index);
    if (op) check(op);
  }

  /** Indices that others have reached and this party has not. */
  get awaited(): number[] {
    return [...this.#waiting.keys()];
  }

  /** The operation numbered `index`, if it is remembered. */
  find(index: number): IssuedOp | undefined {
    return this.#recent[index - (this.#count - this.#recent.length)];
  }

  get recent(): readonly IssuedOp[] {
    return this.#recent;
  }
}
