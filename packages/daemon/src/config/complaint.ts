/** What is wrong with settings, in the words of those who write them. */
import type * as v from 'valibot';
import type { ConfigError } from '../errors.js';
import { nearest } from './closest.js';
import type { ValuePath } from './places.js';
import { namesAt } from './walk.js';

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  Object: 'a map',
  Array: 'a list',
  undefined: 'nothing',
  null: 'nothing',
};

/** Whether a message of the schema is ours: those of valibot begin otherwise. */
const isOurs = (message: string): boolean => /^(must|is) /.test(message);

const isUnknown = ({ type, expected }: v.BaseIssue<unknown>): boolean =>
  type === 'strict_object' && expected === 'never';

/**
 * The first thing that is wrong; an unknown name before all others, since it is often also what is missing.
 * @param issues of valibot, one at least
 * @param errorAt makes the error of a path, at its name if `key`
 * @returns the error, to be thrown
 */
export function complaintOf(
  issues: readonly v.BaseIssue<unknown>[],
  errorAt: (path: ValuePath, message: string, key?: boolean) => ConfigError,
): ConfigError {
  const issue = issues.find(isUnknown) ?? (issues[0] as v.BaseIssue<unknown>);
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const name = String(path.at(-1) ?? '');
  const dotted = shown(path);
  if (isUnknown(issue)) {
    const names = namesAt(path.slice(0, -1));
    const meant = nearest(name, names);
    const inside = path.length > 1 ? ` in '${shown(path.slice(0, -1))}'` : '';
    const hint = meant === undefined ? `; there are ${names.join(', ')}` : `; did you mean '${meant}'?`;
    return errorAt(path, `unknown setting ${quoted(name)}${inside}${hint}`, true);
  }
  if (issue.type === 'strict_object' && issue.received === 'undefined')
    return errorAt(path.slice(0, -1), `'${dotted}' is missing`);
  const message = isOurs(issue.message)
    ? issue.message
    : `must be ${NOUNS[issue.expected ?? ''] ?? 'something else'}, not ${NOUNS[issue.received] ?? shortened(issue.received)}`;
  return errorAt(path, dotted === '' ? message : `'${dotted}' ${message}`);
}

/** A path as people write it: `programs[0].file`. */
export const shown = (path: ValuePath): string =>
  path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${printable(part)}`))
    .join('');

const quoted = (text: string): string => `'${printable(text)}'`;
const shortened = (text: string): string => printable(text);
/** Without control characters, which a terminal would obey, and not long. */
const printable = (text: string): string => {
  const clean = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return clean.length > 80 ? `${clean.slice(0, 77)}…` : clean;
};
