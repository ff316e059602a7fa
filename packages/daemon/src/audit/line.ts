/** Lines of the audit log: JSON, numbered, each with the SHA-256 of the one before. */
import { createHash } from 'node:crypto';

/** What every line begins with. */
export interface AuditLine {
  readonly seq: number;
  /** A moment of UTC, ISO 8601. */
  readonly at: string;
  /** SHA-256 of the line before, without its end; 64 zeros for the first. */
  readonly previous: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** Where a chain has got to. */
export interface Head {
  readonly seq: number;
  /** SHA-256 of the last line. */
  readonly hash: string;
}

/** Before the first line. */
export const NOTHING: Head = { seq: 0, hash: '0'.repeat(64) };

/**
 * The hash that the next line has.
 * @param line without its end
 * @returns 64 hexadecimal digits
 */
export const hashOf = (line: Uint8Array | string): string => createHash('sha256').update(line).digest('hex');

/**
 * A line, without its end.
 * @param head of the chain before it
 * @param at moment
 * @param fields of the event
 * @returns the line, and the head after it
 */
export function makeLine(
  head: Head,
  at: Date,
  fields: Readonly<Record<string, unknown>>,
): { line: string; head: Head } {
  const seq = head.seq + 1;
  const line = JSON.stringify({ seq, at: at.toISOString(), previous: head.hash, ...fields });
  return { line, head: { seq, hash: hashOf(line) } };
}

/**
 * Reads a line.
 * @param line without its end
 * @returns undefined if it is none
 */
export function parseLine(line: string): AuditLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { seq, at, previous, event } = value as Partial<AuditLine>;
  const fine =
    Number.isSafeInteger(seq) &&
    typeof at === 'string' &&
    typeof event === 'string' &&
    /^[0-9a-f]{64}$/.test(String(previous));
  return fine ? (value as AuditLine) : undefined;
}
