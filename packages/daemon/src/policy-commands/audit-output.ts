/** What `tacit audit` prints. */
import { join } from 'node:path';
import { durationOf } from '@tacit/cli-kit';
import { ArgumentError } from '@tacit/errors';
import type { AuditLine } from '../audit/line.js';
import { readAudit, verifyAudit } from '../audit/verify.js';
import { homeOf } from '../config/load.js';

/**
 * Where the log of a home is.
 * @param home as the flag says
 * @returns path of audit.log
 */
export const auditPath = (home?: string): string => join(homeOf(home), 'audit.log');

/**
 * Checks a log.
 * @param path of audit.log
 * @param options what must be in it, and whether to print JSON
 * @returns what is printed, and whether all is well
 * @throws AuditError if there is none
 */
export async function reportOf(
  path: string,
  { contains, json }: { readonly contains?: string | undefined; readonly json: boolean },
): Promise<{ readonly text: string; readonly fine: boolean }> {
  if (contains !== undefined && !/^[0-9a-f]{64}$/i.test(contains))
    throw new ArgumentError(
      '--contains takes the 64 hexadecimal digits that tacit audit verify prints as head',
    );
  const report = await verifyAudit(path, contains?.toLowerCase());
  const fine = report.broken === undefined && report.contains !== false;
  if (json) return { text: `${JSON.stringify({ fine, ...report }, null, 2)}\n`, fine };
  const lines: string[] = [];
  const { broken, torn, first, head } = report;
  for (const { file, line, bytes } of torn)
    lines.push(`${file}:${line}: torn by a crash after ${bytes} bytes, kept and marked`);
  if (first > 1) lines.push(`the log begins with line ${first}: earlier files are not here`);
  if (broken) {
    lines.push(`${broken.file}:${broken.line}: ${broken.reason}`);
    lines.push(`NOT as it was written; the lines before it, up to number ${head.seq}, are`);
  } else lines.push(`${report.lines} lines in ${report.files.length} files, as they were written`);
  if (report.contains === false) lines.push(`NOT in the log: the head ${contains}`);
  else if (report.contains) lines.push('the head that was asked about is in the log');
  lines.push(`head ${head.seq} ${head.hash}`);
  return { text: `${lines.join('\n')}\n`, fine };
}

/** Which lines are shown, and how. */
export interface ShowOptions {
  readonly since?: string | undefined;
  readonly event?: string | undefined;
  readonly json: boolean;
}

/**
 * Prints a log.
 * @param path of audit.log
 * @param options which lines
 * @param out where they go
 * @throws AuditError if there is none; ArgumentError for a time that is none
 */
export async function showAudit(
  path: string,
  { since, event, json }: ShowOptions,
  out: { write(text: string): unknown },
): Promise<void> {
  const from = since === undefined ? -Infinity : momentOf(since);
  for await (const { file, line, bytes, entry } of readAudit(path)) {
    if (entry === undefined) {
      // What is no line has no time; it is shown, so that nobody overlooks it.
      const text = `${file}:${line}: not a line of the log, ${bytes.length} bytes`;
      out.write(
        json ? `${JSON.stringify({ file, line, unreadable: bytes.toString('base64') })}\n` : `${text}\n`,
      );
      continue;
    }
    if (Date.parse(entry.at) < from || (event !== undefined && entry.event !== event)) continue;
    out.write(json ? `${bytes.toString('utf8')}\n` : textOf(entry));
  }
}

function momentOf(since: string): number {
  const age = durationOf(since);
  if (age !== undefined) return Date.now() - age;
  const known = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(since);
  const moment = Date.parse(known && /T[^Z+-]*$/.test(since) ? `${since}Z` : since);
  if (!known || Number.isNaN(moment))
    throw new ArgumentError(
      `--since takes a date such as 2026-11-01, a moment such as 2026-11-01T09:30Z, or an age such as 2h, not '${since}'`,
    );
  return moment;
}

function textOf({ seq, at, previous: _, event, ...fields }: AuditLine): string {
  const parts = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
  return `${[String(seq).padStart(6), at.slice(0, 19).replace('T', ' '), event.padEnd(15), ...parts].join('  ')}\n`;
}

/** In quotes unless it is a plain word: what peers sent must not look like another line, nor move the cursor. */
function shown(value: unknown): string {
  const text = typeof value === 'string' && /^[\w.:@-]+$/.test(value) ? value : jsonOf(value);
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

/** The log writes nothing that nests; what somebody else put there may nest deeper than the stack. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '(unreadable)';
  }
}
