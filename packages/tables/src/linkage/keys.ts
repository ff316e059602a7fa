/**
 * Keys of tables as text that is the same at both owners where the keys are: what is hashed. Numbers are their shortest
 * decimal form (so 7, 7.0 and 7n are one key), text is in Unicode's normalization form C (so the two ways to write an é are
 * one key). Otherwise text is compared as it is: case and spaces count.
 */
import { LinkKeyError } from './errors.js';

/** One part of a key. */
export type KeyPart = string | number | bigint;
/** What tells the rows of a table apart: one value, or several, such as name and date of birth. */
export type Key = KeyPart | readonly KeyPart[];
/** What the parts of the keys of a table are, which is public: a number is never the same as text. */
export type KeyKind = 'number' | 'text';

/** The keys of a table as text, and what their parts are. */
export interface ReadKeys {
  readonly kinds: readonly KeyKind[];
  readonly texts: readonly string[];
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Reads the keys of a table at its owner.
 * @param keys a key for each row
 * @returns a text for each row, and the kinds of the parts of all of them; no kinds without rows
 * @throws LinkKeyError where a key is missing, holds something else than numbers and text, differs in kind from the first
 * one, or is there twice
 * @example readKeys(['ada', 'bob']).kinds; // [ 'text' ]
 */
export function readKeys(keys: readonly Key[]): ReadKeys {
  let kinds: readonly KeyKind[] | undefined;
  const rows = new Map<string, number>();
  for (let row = 0; row < keys.length; row++) {
    const key = keys[row];
    const parts = Array.isArray(key) ? (key as readonly KeyPart[]) : [key as KeyPart];
    const own = parts.map((part) => kindOf(part, row));
    kinds ??= own;
    if (own.length === 0 || String(own) !== String(kinds))
      throw new LinkKeyError(
        `the key of row ${row} is of [${own}], the keys before it of [${kinds}]: all keys are of the same parts`,
      );
    const text = JSON.stringify(parts.map(textOf));
    const before = rows.get(text);
    if (before !== undefined)
      throw new LinkKeyError(`rows ${before} and ${row} have the same key: a key names one row`);
    rows.set(text, row);
  }
  return { kinds: kinds ?? [], texts: [...rows.keys()] };
}

function kindOf(part: unknown, row: number): KeyKind {
  if (typeof part === 'string') {
    if (LONE_SURROGATE.test(part)) throw new LinkKeyError(`the key of row ${row} is not well-formed Unicode`);
    return 'text';
  }
  if (typeof part === 'bigint' || (typeof part === 'number' && Number.isFinite(part))) return 'number';
  const what = typeof part === 'number' ? String(part) : part === null ? 'null' : typeof part;
  throw new LinkKeyError(`the key of row ${row} holds ${what}: keys are of finite numbers and text`);
}

/** -0 is 0; the decimal form of a large number is that of the integer that it is. */
const textOf = (part: KeyPart): string =>
  typeof part === 'string'
    ? part.normalize('NFC')
    : String(typeof part === 'number' && Number.isInteger(part) ? BigInt(part) : part);
