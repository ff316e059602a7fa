/** Options that several commands have. */
import { createHash } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PeerRole, ProgramRule, Quota } from '../peers/peer.js';

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
const TIMES: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `12h`, `7d`, in milliseconds. */
export function duration(text: string): number {
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ms = Number(number) * TIMES[unit];
  if (!(ms > 0 && ms <= 366 * TIMES.d))
    throw new InvalidArgumentError('It must be a time such as 30m, 12h or 7d, at most 366d.');
  return ms;
}

/** `1000/day` for sessions, `10GB/day` for bytes; both may be given. */
export function quota(text: string, before: Quota = {}): Quota {
  const [, number, unit] = /^(\d{1,12}(?:\.\d{1,3})?)(B|kB|MB|GB|TB)?\/day$/.exec(text) ?? [];
  const value = Math.round(Number(number) * (UNITS[unit] ?? 1));
  if (!Number.isSafeInteger(value) || (unit === undefined && (number.includes('.') || value > 1e9)))
    throw new InvalidArgumentError('It must be sessions or bytes a day, such as 1000/day or 10GB/day.');
  return { ...before, [unit === undefined ? 'sessionsPerDay' : 'bytesPerDay']: value };
}

const each = (text: string, before: readonly string[] = []): string[] => [...before, text];

function count(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number up to 999999.');
  return Number(text);
}

/** The option of all commands. */
export const withHome = (command: Command): Command =>
  command
    .option('--home <FOLDER>', 'where identity, peers and invites are; default: TACIT_HOME, or ~/.tacit')
    .option('--debug', 'show stacks of errors');

/** Flags of `withAddress`. */
export interface AddressFlags {
  readonly address?: string;
  readonly relay?: string;
}

/** Where an organisation is reached. */
export const withAddress = (command: Command, whose: string): Command =>
  command
    .addOption(
      new Option('--address <ADDRESS>', `where ${whose} is reached: wss://host:port`).conflicts('relay'),
    )
    .option('--relay <ADDRESS>', `the relay at which ${whose} waits: wss://relay.host`);

/** What a peer is. */
export const withRole = (command: Command): Command =>
  command.addOption(new Option('--role <ROLE>', 'what the peer is in sessions').choices(['party', 'dealer']));

/** Flags of `withRule`. */
export interface RuleFlags {
  readonly hash?: string;
  readonly file?: string;
  readonly arguments?: 'none' | 'any';
  readonly argument?: readonly string[];
  readonly quota?: Quota;
  readonly atOnce?: number;
}

/** Flags of the role. */
export interface RoleFlags {
  readonly role?: PeerRole;
}

/** What a peer may start. */
export const withRule = (command: Command): Command =>
  command
    .addOption(new Option('--file <PROGRAM.mjs>', 'allow this version of the program only').conflicts('hash'))
    .option('--hash <SHA-256>', 'allow the version with this hash only')
    .addOption(
      new Option('--arguments <RULE>', 'which arguments the peer may give; default: none')
        .choices(['none', 'any'])
        .conflicts('argument'),
    )
    .option('--argument <TEXT>', 'exactly these arguments; may be given several times', each)
    .option('--quota <N/day>', 'sessions a day, or bytes as in 10GB/day; may be given for both', quota)
    .option('--at-once <N>', 'sessions at the same time', count);

/** The rule that flags say. */
export async function ruleOf(name: string, flags: RuleFlags): Promise<ProgramRule> {
  const hash = flags.file === undefined ? flags.hash?.toLowerCase() : await hashOf(flags.file);
  const limits = {
    ...(flags.atOnce === undefined ? {} : { sessionsAtOnce: flags.atOnce }),
    ...flags.quota,
  };
  const args = flags.argument ?? flags.arguments;
  return {
    name,
    ...(hash === undefined ? {} : { hash }),
    ...(args === undefined ? {} : { arguments: args }),
    ...(Object.keys(limits).length === 0 ? {} : { quota: limits }),
  };
}

async function hashOf(path: string): Promise<string> {
  const { readWhole } = await import('@tacit/files');
  return createHash('sha256')
    .update(await readWhole(path))
    .digest('hex');
}
