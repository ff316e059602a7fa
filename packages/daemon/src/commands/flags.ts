/** Flags that several commands have, and what settings they stand for. */
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
  readonly dealer: string;
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
  const [, host, port] = /^(.*):(\d+)$/.exec(flags.listen ?? '') ?? [];
  if (flags.listen !== undefined) {
    // What is no HOST:PORT is refused as a port, with the name of the flag.
    put('--listen', ['listen', 'port'], port ?? flags.listen);
    if (host) put('--listen', ['listen', 'host'], host.replace(/^\[|\]$/g, ''));
  }
  put('--address', ['address'], flags.address);
  put('--relay', ['relay'], flags.relay);
  put('--timeout', ['session', 'timeout'], flags.timeout);
  put('--wait', ['session', 'wait'], flags.wait);
  put('--resume', ['session', 'resume'], flags.resume);
  return given;
}

/** A line on stderr, about how it goes. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);
