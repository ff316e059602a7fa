/** Odd functions with limits -1 and 1 as sums of sines: what the sine gate computes between its two thresholds. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** amplitude sin(2 pi frequency x / 2^turn) */
export interface Sine {
  /** A whole number. */
  readonly frequency: number;
  readonly amplitude: number;
  /** Fraction bits of the dealt sine and cosine of the mask; the public factor has the rest of the sum's. */
  readonly maskBits: number;
}

export interface SineTable {
  readonly name: string;
  /** The angle makes a whole turn in 2^turn. */
  readonly turn: number;
  /** Multiples of 1/2. The sum is good up to `outside`; from `inside` on it may be replaced by 1. */
  readonly inside: number;
  readonly outside: number;
  readonly terms: readonly Sine[];
}

const known = new WeakMap<SineTable, string>();

/** Equal for equal tables. */
export function sinesFingerprint(table: SineTable): string {
  let text = known.get(table);
  if (text === undefined) {
    text = bytesToHex(sha256(utf8ToBytes(JSON.stringify(table))).subarray(0, 8));
    known.set(table, text);
  }
  return text;
}
