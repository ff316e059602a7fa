/** Names of organisations, peers and programs: what can be typed, logged and put into a certificate without quoting. */
import { ArgumentError } from '@tacit/errors';

/** Letters, digits, `.`, `_` and `-`, the first a letter or digit; at most 63. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** In the place of a program's name: whatever a peer has dealt for. A dealer runs no program, and need not know which. */
export const ANY_PROGRAM = '*';
/** What NAME takes, in words. */
export const NAME_RULE =
  'up to 63 letters, digits, dots, dashes and underscores, the first a letter or digit';

/**
 * Checks a name.
 * @param name of an organisation, peer or program
 * @param what it is the name of, for the error
 * @returns the name
 * @throws ArgumentError where it is none
 */
export function requireName(name: unknown, what: string): string {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw new ArgumentError(`${JSON.stringify(name)} cannot be the name of ${what}: ${NAME_RULE}`);
}
