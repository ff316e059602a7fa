/** What every file of numbers is read as, and how one of several arrays is chosen. */
import { ArrayFileError } from './errors.js';

/** Numbers of a shape, row-major. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/**
 * The array of that name, or the only one.
 * @param found arrays by name
 * @param key name
 * @returns the array
 * @throws ArrayFileError where there is none, or several and no key
 */
export function chosen<T>(found: readonly (readonly [string, T])[], key: string | undefined): T {
  const names = found.map(([name]) => `'${name}'`).join(', ');
  if (key === undefined) {
    if (found.length === 1) return found[0][1];
    throw new ArrayFileError(`the file has ${found.length} arrays; say by key which one: ${names}`);
  }
  const one = found.filter(([name]) => name === key);
  if (one.length === 1) return one[0][1];
  if (one.length > 1) throw new ArrayFileError(`the file has several arrays of the name '${key}'`);
  throw new ArrayFileError(`the file has no array '${key}'${names ? `; it has ${names}` : ''}`);
}
