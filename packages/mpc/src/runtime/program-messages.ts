/** What parties tell each other about their programs: how far they are, their operations, their end. Strict readers. */
import { ProtocolViolationError } from '@tacit/comm';
import type { Scope } from './scopes.js';
import { SCOPE_ID } from './transcript.js';
import { textFrom } from './utf8.js';

/** How far a party is in a scope. */
export interface Mark {
  readonly id: string;
  /** Operations issued; none only where the scope has ended. */
  readonly issued: number;
  /** Of the last of them. */
  readonly hash: string;
  readonly ended: boolean;
}

/** One line: scope ("-" for the main program), operations issued, hash of the last, "e" where the scope has ended. */
export function encodeMark({ transcript, end, ended }: Scope): string {
  return `${transcript.scope || '-'} ${end.issued} ${end.hash || '-'}${ended ? ' e' : ''}`;
}

/** @throws ProtocolViolationError where the message is malformed */
export function readMarks(from: number, payload: Uint8Array): Mark[] {
  return textFrom(from, payload)
    .split('\n')
    .map((line) => {
      const match = /^(-|[0-9a-f]{32}) (\d{1,10}) (-|[0-9a-f]{16})( e)?$/.exec(line);
      const [, id, count, hash, end] = match ?? [];
      const issued = Number(count);
      if (!match || (issued === 0) !== (hash === '-') || (issued === 0 && !end))
        throw new ProtocolViolationError(`party ${from} sent an unreadable transcript mark`, from);
      return { id: id === '-' ? '' : id, issued, hash: hash === '-' ? '' : hash, ended: end !== undefined };
    });
}

/** An operation that a party remembers. */
export type HistoryRow = [index: number, hash: string, text: string];
/** A scope that is open at the end of a party's program. */
export type FinalRow = [name: string, issued: number, hash: string];

/** The end of a party's program. */
export interface Final {
  readonly rows: readonly FinalRow[];
  /** How many scopes ended before, and the sum of their hashes. */
  readonly ended: number;
  readonly sum: string;
}

/** @throws ProtocolViolationError where the message is malformed */
export function readHistory(from: number, payload: Uint8Array): { scope: string; rows: HistoryRow[] } {
  try {
    const { scope, rows } = JSON.parse(textFrom(from, payload));
    if (Array.isArray(rows) && rows.every(isHistoryRow) && SCOPE_ID.test(scope)) return { scope, rows };
  } catch {
    // said below
  }
  throw new ProtocolViolationError('it sent an unreadable list of operations', from);
}

/** @throws ProtocolViolationError where the message is malformed */
export function readFinal(from: number, payload: Uint8Array): Final {
  try {
    const { rows, ended, sum } = JSON.parse(textFrom(from, payload));
    if (Array.isArray(rows) && rows.every(isFinalRow) && isCount(ended) && typeof sum === 'string')
      return { rows, ended, sum };
  } catch {
    // said below
  }
  throw new ProtocolViolationError('it sent an unreadable end of its program', from);
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0;

const isHistoryRow = (row: unknown): row is HistoryRow =>
  Array.isArray(row) && isCount(row[0]) && typeof row[1] === 'string' && typeof row[2] === 'string';

const isFinalRow = (row: unknown): row is FinalRow =>
  Array.isArray(row) && typeof row[0] === 'string' && isCount(row[1]) && typeof row[2] === 'string';
