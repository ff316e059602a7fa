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
 * Adds the flags that say where the home is.
 * @param command that gets them
 * @returns the command
 */
export const withHome = (command: Command): Command =>
  command
    .option('--home <DIR>', 'home folder (default: TACIT_HOME or ~/.tacit)')
    .option('--config <FILE>', 'settings (default: config.yaml in the home folder)')
    .option('--debug', 'show stacks of errors');

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

/**
 * A line on stderr, about how it goes.
 * @param text without its end
 */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);
