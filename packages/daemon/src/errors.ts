/** Errors of an organisation's own process: its configuration, its consent, its audit log. */
import { TacitError } from '@tacit/errors';

/** A place in a file, from 1. */
export type Place = readonly [line: number, column: number];

/** What is known about the place of a wrong setting. */
export interface ConfigErrorDetails {
  /** The file, the variable or the flag that it comes from, e.g. `config.yaml`, `TACIT_LISTEN__PORT` or `--listen`. */
  readonly source: string;
  /** Line and column, where the source is a file. */
  readonly place?: Place | undefined;
  /** Keys and indices that lead to the value; empty for the whole. */
  readonly path: readonly (string | number)[];
}

/** A setting is not what it should be. Code `DAEMON_CONFIG`; the message begins with where it is. */
export class ConfigError extends TacitError implements ConfigErrorDetails {
  readonly source: string;
  readonly place: Place | undefined;
  readonly path: readonly (string | number)[];

  constructor({ source, place, path }: ConfigErrorDetails, message: string, options?: ErrorOptions) {
    super('DAEMON_CONFIG', `${[source, ...(place ?? [])].join(':')}: ${message}`, options);
    this.source = source;
    this.place = place;
    this.path = path;
  }
}

/** The audit log cannot be read or written, or it is not the one that was written. Code `AUDIT_LOG`. */
export class AuditError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('AUDIT_LOG', message, options);
  }
}

/** What was used of quotas is not known: the file is damaged, or cannot be written. Code `USAGE_FILE`. */
export class UsageError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('USAGE_FILE', message, options);
  }
}

/** What is remembered of a shard is damaged or cannot be written. Code `SHARD_FILE`. */
export class ShardFileError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('SHARD_FILE', message, options);
  }
}

/** A program has no hash that says what would run. Code `PROGRAM_HASH`. */
export class ProgramHashError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('PROGRAM_HASH', message, options);
  }
}

/** Another process keeps a file of the home locked. Code `HOME_LOCKED`. */
export class HomeLockedError extends TacitError {
  constructor(message: string) {
    super('HOME_LOCKED', message);
  }
}

/** The key by which guests know this process cannot be used. Code `GUEST_KEY`. */
export class GuestKeyError extends TacitError {
  constructor(message: string) {
    super('GUEST_KEY', message);
  }
}

/** The port of health and metrics cannot be opened. Code `OPERATE_PORT`. */
export class OperatePortError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('OPERATE_PORT', message, options);
  }
}
