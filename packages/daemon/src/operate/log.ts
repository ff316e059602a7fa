/** The debug log of a process: JSON lines by pino, or text on a terminal. The audit log is another thing. */
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { type LogFields, publicFields, redactText } from './log-fields.js';
import { textLine } from './text-line.js';

/** A log whose lines can hold public fields only. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /**
   * A log whose lines have these fields, too.
   * @param fields e.g. `{ session, rank }`
   */
  child(fields: LogFields): Log;
}

/** How a process logs. */
export interface LogOptions {
  readonly level?: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined;
  /** auto: text if the destination is a terminal, JSON otherwise. */
  readonly format?: 'auto' | 'json' | 'text' | undefined;
  /** stderr by default: stdout is for what a command prints. */
  readonly destination?: { write(text: string): unknown; readonly isTTY?: boolean | undefined } | undefined;
  /** Of the process, in each line. */
  readonly name?: string | undefined;
}

/** Names under which other code could hand a secret to pino. `publicFields` lets none through; this is for what goes round it. */
const NEVER = [
  'key',
  'secret',
  'token',
  'seed',
  'share',
  'shares',
  'proof',
  'password',
  'privateKey',
  'value',
  'values',
];

/**
 * Opens the log of a process.
 * @param options level, format, where to
 * @returns the log
 * @example
 * const log = createLog({ level: 'info' }).child({ session, rank });
 * log.info({ op: 'session', seconds: 1.2 }, 'the session has ended');
 */
export function createLog({
  level = 'info',
  format = 'auto',
  destination = process.stderr,
  name,
}: LogOptions = {}): Log {
  const text = format === 'text' || (format === 'auto' && destination.isTTY === true);
  const stream: DestinationStream = {
    write: (line) => void destination.write(text ? textLine(line) : line),
  };
  const logger = pino(
    {
      level,
      base: name === undefined ? {} : { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: NEVER.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    stream,
  );
  return wrap(logger);
}

function wrap(logger: PinoLogger): Log {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: LogFields, message: string): void =>
      logger[level](publicFields(fields), redactText(message));
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(logger.child(publicFields(fields))),
  };
}
