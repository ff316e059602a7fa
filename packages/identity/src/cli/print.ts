/** What the commands print. */
import { bytes } from '@tacit/cli-kit';
import { ANY_PROGRAM } from '../names.js';
import type { Peer, ProgramRule } from '../peers/peer.js';

/** Names and values below each other. */
export function print(lines: readonly (readonly [string, string])[]): void {
  const width = Math.max(...lines.map(([name]) => name.length));
  for (const [name, value] of lines) process.stdout.write(`${`${name.padEnd(width)}  ${value}`.trimEnd()}\n`);
}

/** A line on the terminal that is not the result. */
export const note = (text: string): void => void process.stderr.write(`tacit: ${text}\n`);

export const printJson = (value: unknown): void =>
  void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);

/** A peer in several lines, without the empty one after it. */
export const linesOf = ({ name, ids, address, role = 'party', programs = [] }: Peer): string[] => [
  `${name}  ${role}${address === undefined ? ', dials only' : `, at ${address}`}`,
  ...ids.map((id) => `  id       ${id}`),
  ...programs.map((rule) => `  program  ${textOf(rule)}`),
  ...(programs.length === 0 ? ['  program  none: it may start nothing here'] : []),
];

function textOf({ name, hash, arguments: given, quota = {} }: ProgramRule): string {
  const { sessionsAtOnce, sessionsPerDay, bytesPerDay } = quota;
  const any = name === ANY_PROGRAM;
  const args = given ?? (any ? 'any' : 'none');
  const which =
    typeof args === 'string'
      ? `${args === 'none' ? 'no' : 'any'} arguments`
      : `arguments ${JSON.stringify(args)}`;
  return [
    any ? 'any, where this organisation deals' : name,
    hash === undefined ? 'any version' : `SHA-256 ${hash}`,
    which,
    ...(sessionsAtOnce === undefined ? [] : [`${sessionsAtOnce} at once`]),
    ...(sessionsPerDay === undefined ? [] : [`${sessionsPerDay} a day`]),
    ...(bytesPerDay === undefined ? [] : [`${bytes(bytesPerDay)} a day`]),
  ].join(', ');
}
