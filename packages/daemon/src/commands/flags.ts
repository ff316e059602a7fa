/** Flags that several commands have, and what settings they stand for. */
import { hostPort } from '@tacit/cli-kit';
import type { Command } from 'commander';
import type { Given } from '../config/environment.js';

export interface HomeFlags {
  readonly home?: string;
  readonly config?: string;
}

/** Settings as flags. */
export interface SettingFlags {
  readonly listen?: string;
  readonly address?: string;
  readonly relay?: string;
  readonly timeout?: string | number;
  readonly wait?: string | number;
  readonly resume?: string | number;
}

/** Of `tacit run`. */
export interface RunFlags extends HomeFlags, SettingFlags {
  readonly with: readonly string[];
  readonly dealer?: string;
  readonly tapes?: boolean;
  readonly as?: string;
  readonly file?: readonly string[];
  readonly quiet?: boolean;
}

/** Of `tacit join`. */
export interface JoinFlags extends HomeFlags {
  readonly as?: string;
  readonly role?: 'party' | 'dealer';
  readonly address?: string;
  readonly wait?: string;
}

/** Of `tacit relay`. */
export interface RelayFlags extends HomeFlags {
  readonly listen?: string;
  readonly name?: readonly string[];
  readonly plain?: boolean;
  readonly tlsKey?: string;
  readonly tlsCertificate?: string;
  readonly allow?: readonly string[];
}

/**
 * Adds the flags that say where settings come from.
 * @param command that gets them
 * @returns the command
 */
export const withSettings = (command: Command): Command =>
  command
    .option('--home <DIR>', 'home folder (default: TACIT_HOME or ~/.tacit)')
    .option('--config <FILE>', 'settings (default: config.yaml in the home folder)');

/**
 * Adds the flags of every command of an organisation: where settings come from, and `--debug`.
 * @param command that gets them
 * @returns the command
 */
export const withHome = (command: Command): Command =>
  withSettings(command).option('--debug', 'show stacks of errors');

/**
 * Adds the flags that say how long a session waits.
 * @param command that gets them
 * @param whom who may be late
 * @returns the command
 */
export const withWaits = (command: Command, whom: string): Command =>
  command
    .option('--wait <TIME>', `how long to wait for ${whom}, e.g. 30s (default: session.wait)`)
    .option('--timeout <TIME>', 'how long to wait for a message of another member (default: session.timeout)')
    .option(
      '--resume <TIME>',
      'how long a broken connection may take to come back (default: session.resume)',
    );

/**
 * Flags as settings; numbers are seconds.
 * @param flags of the command line, without those that were not given
 * @returns for `loadConfig`
 */
export function settingsOf(flags: SettingFlags): Given[] {
  const given: Given[] = [];
  const put = (flag: string, path: readonly string[], value: unknown): void => {
    if (value !== undefined)
      given.push({ path, source: flag, value: typeof value === 'number' ? `${value}s` : value });
  };
  given.push(...listenSettings(flags.listen, ['listen']));
  put('--address', ['address'], flags.address);
  put('--relay', ['relay'], flags.relay);
  put('--timeout', ['session', 'timeout'], flags.timeout);
  put('--wait', ['session', 'wait'], flags.wait);
  put('--resume', ['session', 'resume'], flags.resume);
  return given;
}

/**
 * Settings of a command that says in words whatever matters, which its log would say twice.
 * @param command whose settings they are
 * @param flags of the command line; those of `withWaits` count
 * @returns for `loadConfig`
 */
export const quietSettings = (command: string, { wait, timeout, resume }: SettingFlags): Given[] => [
  { path: ['log', 'level'], source: command, value: 'silent' },
  ...settingsOf({ wait, timeout, resume }),
];

/**
 * `--listen` as settings.
 * @param listen as on the command line
 * @param path of the settings with the host and the port
 * @returns for `loadConfig`
 */
export function listenSettings(listen: string | undefined, path: readonly string[]): Given[] {
  if (listen === undefined) return [];
  const source = '--listen';
  // What is no HOST:PORT is refused as a port, with the name of the flag.
  const { host, port } = hostPort(listen) ?? { host: undefined, port: listen };
  const given: Given[] = [{ path: [...path, 'port'], source, value: port }];
  if (host !== undefined) given.push({ path: [...path, 'host'], source, value: host });
  return given;
}
