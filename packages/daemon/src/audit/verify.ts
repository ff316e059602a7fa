/** Reads an audit log back: every line, and whether each is the one that was written. */
import { createReadStream, existsSync } from 'node:fs';
import { AuditError } from '../errors.js';
import { earlierFiles } from './files.js';
import { type AuditLine, type Head, hashOf, NOTHING, parseLine } from './line.js';

/** The log writes no such line. */
const LONGEST_LINE = 2 ** 24;

/** A line, and where it stands. */
export interface PlacedLine {
  readonly file: string;
  /** From 1, in its file. */
  readonly line: number;
  /** Without its end. */
  readonly bytes: Buffer;
  /** Undefined if it is none. */
  readonly entry: AuditLine | undefined;
  /** False for what has no end: a line that is being written, or was torn. */
  readonly ended: boolean;
}

/** What was found. */
export interface AuditReport {
  /** Files that were read, the oldest first. */
  readonly files: readonly string[];
  readonly lines: number;
  /** The end of the chain as far as it holds. */
  readonly head: Head;
  /** Number of the first line: more than 1 where earlier files are gone. */
  readonly first: number;
  /** Lines that a crash tore, and that the log marked: not lost, and no sign of a change. */
  readonly torn: readonly { readonly file: string; readonly line: number; readonly bytes: number }[];
  /** The first line that is not what was written. */
  readonly broken: { readonly file: string; readonly line: number; readonly reason: string } | undefined;
  /** Whether a head that was asked about is in the chain. */
  readonly contains: boolean | undefined;
}

/**
 * The lines of a log, from its oldest file on.
 * @param path of audit.log
 * @returns each line, in order
 * @throws AuditError if there is no log, or a file cannot be read
 */
export async function* readAudit(path: string): AsyncGenerator<PlacedLine> {
  for (const file of filesOf(path)) {
    let line = 0;
    let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
    const placed = (bytes: Buffer, ended: boolean): PlacedLine => {
      return { file, line, bytes, entry: ended ? parseLine(bytes.toString('utf8')) : undefined, ended };
    };
    try {
      for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
        let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a)) {
          line++;
          yield placed(bytes.subarray(0, end), true);
          bytes = bytes.subarray(end + 1);
        }
        rest = bytes;
        if (rest.length > LONGEST_LINE) throw new AuditError(`line ${line + 1} has no end`);
      }
    } catch (cause) {
      throw new AuditError(`cannot read ${file}: ${(cause as Error).message}`, { cause });
    }
    if (rest.length > 0) {
      line++;
      yield placed(rest, false);
    }
  }
}

function filesOf(path: string): string[] {
  const files = [...earlierFiles(path), ...(existsSync(path) ? [path] : [])];
  if (files.length === 0) throw new AuditError(`there is no audit log at ${path}`);
  return files;
}

/**
 * Checks the chain of a log. It tells whether lines were changed, removed, put in or put in another order, by somebody who
 * did not write the rest anew; against one who did, keep a head elsewhere and give it as `contains`.
 * @param path of audit.log
 * @param contains a hash that the chain must hold, as `append` returned it or an earlier report
 * @returns what was found; the first line that is wrong in `broken`
 * @throws AuditError if there is no log, or a file cannot be read
 */
export async function verifyAudit(path: string, contains?: string): Promise<AuditReport> {
  let head: Head = NOTHING;
  let first = 0;
  let lines = 0;
  let broken: AuditReport['broken'];
  let pending: PlacedLine | undefined;
  let found = contains === undefined ? undefined : false;
  const torn: { file: string; line: number; bytes: number }[] = [];
  const at = ({ file, line }: PlacedLine, reason: string) => ({ file, line, reason });
  for await (const placed of readAudit(path)) {
    lines++;
    const { entry, bytes } = placed;
    if (pending !== undefined) {
      // Only a mark right behind it, made of its very bytes, explains a line that is none.
      broken = whyNotRecovered(pending, entry, head);
      if (broken) break;
      torn.push({ file: pending.file, line: pending.line, bytes: Number(entry?.tornBytes) });
      pending = undefined;
    } else if (entry === undefined) {
      pending = placed;
      continue;
    } else if (lines === 1) {
      first = entry.seq;
      if (entry.seq === 1 && entry.previous !== NOTHING.hash)
        broken = at(placed, 'it is the first line and has one before it');
    } else if (entry.seq !== head.seq + 1)
      broken = at(placed, `it is number ${entry.seq} and comes after number ${head.seq}`);
    else if (entry.previous !== head.hash)
      broken = at(placed, 'the line before it is not the one that it was written after');
    if (broken) break;
    head = { seq: (entry as AuditLine).seq, hash: hashOf(bytes) };
    if (head.hash === contains) found = true;
  }
  if (broken === undefined && pending !== undefined)
    broken = at(
      pending,
      pending.ended ? 'it is no line of the log' : 'it has no end: a crash tore it, or it is being written',
    );
  return { files: filesOf(path), lines, head, first, torn, broken, contains: found };
}

function whyNotRecovered(
  torn: PlacedLine,
  next: AuditLine | undefined,
  head: Head,
): { file: string; line: number; reason: string } | undefined {
  const { file, line, bytes } = torn;
  const right =
    next?.event === 'recovered' &&
    next.previous === hashOf(bytes) &&
    next.tornBytes === bytes.length &&
    next.whole === head.hash &&
    next.seq === head.seq + 1;
  return right ? undefined : { file, line, reason: 'it is no line of the log' };
}
