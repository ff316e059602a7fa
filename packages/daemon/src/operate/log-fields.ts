/**
 * What may stand in a line of the log: a closed list of names, each with a short value that is public. There is no field
 * for a value of a computation, a share, a seed, a key or a token, and none that takes bytes.
 */
import { TacitError } from '@tacit/errors';

/** The fields of a line. */
export interface LogFields {
  readonly session?: string | undefined;
  readonly rank?: number | undefined;
  /** Local name. */
  readonly peer?: string | undefined;
  readonly fingerprint?: string | undefined;
  /** What is done: `propose`, `connect`, `session` and so on. */
  readonly op?: string | undefined;
  readonly role?: 'party' | 'dealer' | 'relay' | 'serve' | undefined;
  /** Id of an invite to a model, which says nothing about its secret. */
  readonly invite?: string | undefined;
  /** What its owner calls a model. */
  readonly model?: string | undefined;
  readonly program?: string | undefined;
  readonly programHash?: string | undefined;
  readonly address?: string | undefined;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly outcome?: string | undefined;
  readonly state?: string | undefined;
  readonly signal?: string | undefined;
  readonly count?: number | undefined;
  readonly bytes?: number | undefined;
  readonly seconds?: number | undefined;
  readonly port?: number | undefined;
  readonly pid?: number | undefined;
  readonly version?: string | undefined;
  /** See `failure`. */
  readonly error?: Failure | undefined;
}

/** An error as it may be logged. */
export interface Failure {
  readonly code: string;
  readonly type: string;
  /** Of errors of Tacit only: what others say may quote a value. */
  readonly message?: string | undefined;
  /** Where it was thrown, without the message. */
  readonly at?: string | undefined;
}

/**
 * An error as it may be logged. Messages of errors that Tacit throws are written to hold no secret; those of a program
 * may quote one, so that only their type and place are kept.
 * @param error whatever was thrown
 * @returns code, type, place, and the message if it is ours
 */
export function failure(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', type: typeof error };
  const { code } = error as { code?: unknown };
  // The file's name and place; its folder says nothing.
  const at = /^\s+at .*?([^/\\(]*:\d+:\d+)\)?$/m.exec(error.stack ?? '')?.[1];
  return {
    code: typeof code === 'string' ? code : error.name,
    type: error.name,
    ...(error instanceof TacitError && { message: error.message }),
    ...(at !== undefined && { at }),
  };
}

const FIELDS: Readonly<Record<keyof LogFields, 'text' | 'number' | 'hash' | 'failure'>> = {
  session: 'text',
  rank: 'number',
  peer: 'text',
  fingerprint: 'hash',
  op: 'text',
  role: 'text',
  invite: 'text',
  model: 'text',
  program: 'text',
  programHash: 'hash',
  address: 'text',
  code: 'text',
  reason: 'text',
  outcome: 'text',
  state: 'text',
  signal: 'text',
  count: 'number',
  bytes: 'number',
  seconds: 'number',
  port: 'number',
  pid: 'number',
  version: 'text',
  error: 'failure',
};

const REDACTED = '[redacted]';
/** What looks like a key: 32 bytes and more in hexadecimal or base64, or PEM. */
const SECRET_LIKE =
  /-----BEGIN [^-]*-----[\s\S]*|(?<![0-9A-Za-z+/_-])(?:[0-9a-fA-F]{64,}|[0-9A-Za-z+/_-]{43,}={0,2})(?![0-9A-Za-z+/_-])/g;
const LONGEST = 1000;

/**
 * A text without what looks like a key, a token or a seed. The second net: such things are not put into texts.
 * @param text of a message or a field
 * @returns the same with `[redacted]` in their places, cut if it is long
 */
export const redactText = (text: string): string =>
  text
    .slice(0, LONGEST * 4)
    .replaceAll(SECRET_LIKE, (run) => (isPath(run) ? run : REDACTED))
    .slice(0, LONGEST);

/** 43 random characters of base64 have letters of both cases; long paths often do not. */
const isPath = (run: string): boolean =>
  run.includes('/') && !run.startsWith('-----') && (!/[a-z]/.test(run) || !/[A-Z]/.test(run));

/**
 * Fields as they are written: names that are not on the list, and values of another kind, are replaced.
 * @param fields of a line
 * @returns what is written
 */
export function publicFields(fields: LogFields): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const kind = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof LogFields] : undefined;
    written[name] = publicValue(kind, value);
  }
  return written;
}

function publicValue(kind: 'text' | 'number' | 'hash' | 'failure' | undefined, value: unknown): unknown {
  if (kind === 'number' && typeof value === 'number') return value;
  if (kind === 'text' && typeof value === 'string') return redactText(value);
  if (kind === 'hash' && typeof value === 'string')
    return /^[0-9a-f]{64}$/.test(value) ? value : redactText(value);
  if (kind === 'failure' && typeof value === 'object' && value !== null) {
    const parts = value as Record<string, unknown>;
    return Object.fromEntries(
      ['code', 'type', 'message', 'at']
        .filter((part) => typeof parts[part] === 'string')
        .map((part) => [part, redactText(parts[part] as string)]),
    );
  }
  return REDACTED;
}
