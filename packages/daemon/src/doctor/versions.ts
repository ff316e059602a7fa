/** Whether two releases of tacit work together: those of the same minor version do. */
import { type Found, ok, problem, warning } from './finding.js';
import type { Pong } from './protocol.js';

/**
 * Compares releases.
 * @param ours of this side
 * @param theirs what the peer says of itself
 * @returns a problem where the minor versions differ
 */
export function compareVersions(ours: string, { version, node }: Pick<Pong, 'version' | 'node'>): Found {
  const figures = { ours, theirs: version ?? '', node: node ?? '' };
  if (version === undefined)
    return problem(
      `the other side is of an old release, which does not say its version; this side is ${ours}`,
      'have both sides install the same release',
      figures,
    );
  const theirs = printable(version);
  const on = node === undefined ? '' : `, on Node.js ${printable(node)}`;
  const [a, b] = [minorOf(ours), minorOf(version)];
  if (a === undefined || b === undefined || a !== b)
    return problem(
      `the other side runs tacit ${theirs}${on}, this side ${ours}`,
      'have both sides install the same minor version: members of a session compare their programs and formats',
      figures,
    );
  if (version === ours) return ok(`both sides run tacit ${ours}${on}`, figures);
  return warning(
    `the other side runs tacit ${theirs}${on}, this side ${ours}`,
    'works; have the older side update when it is convenient',
    figures,
  );
}

/** `0.1` of `0.1.7`: before 1.0 a minor version may change anything. */
const minorOf = (version: string): string | undefined => /^v?(\d+\.\d+)\./.exec(version)?.[1];

/** What a peer wrote goes to a terminal. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
