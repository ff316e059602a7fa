/**
 * The audit log: what was asked, decided and run, in lines that are only ever appended. It is apart from debug logs: a
 * decision is on the disk before it is acted on.
 *
 * Several processes of one home may write: each line is written under a lock, after the last one that is in the file.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { TacitError } from '@tacit/errors';
import { AuditError } from '../errors.js';
import { withLock } from '../home/file-lock.js';
import { type AuditEvent, fieldsOf, type LogEvent } from './events.js';
import { earlierFiles, nextFile, readTail, syncFolder } from './files.js';
import { type Head, hashOf, makeLine, NOTHING, parseLine } from './line.js';

/** How an audit log is written. */
export interface AuditOptions {
  /** Path of audit.log. */
  readonly path: string;
  /** Whether arguments of proposals are public and written; otherwise their hash is. */
  readonly publicArguments?: boolean | undefined;
  /** How large a file gets, in bytes, before the next one continues it; 64 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** For tests. */
  readonly now?: (() => Date) | undefined;
}

/** An audit log that is written. */
export class AuditLog {
  readonly #path: string;
  readonly #publicArguments: boolean;
  readonly #maxBytes: number;
  readonly #now: () => Date;

  /** @param options where, and how */
  constructor({
    path,
    publicArguments = false,
    maxBytes = 64 * 2 ** 20,
    now = () => new Date(),
  }: AuditOptions) {
    this.#path = path;
    this.#publicArguments = publicArguments;
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /**
   * Writes an event. What it stands for may be done when this has returned, and not before.
   * @param event what happened
   * @returns the head of the chain: who keeps it elsewhere can prove later that nothing before it was changed
   * @throws AuditError or HomeLockedError if it cannot be written; what it stands for must not be done then
   */
  async append(event: AuditEvent): Promise<Head> {
    const fields = fieldsOf(event, this.#publicArguments);
    try {
      return await withLock(this.#path, () => this.#write(fields));
    } catch (cause) {
      if (cause instanceof TacitError) throw cause;
      throw new AuditError(`cannot write ${this.#path}: ${(cause as Error).message}`, { cause });
    }
  }

  #write(fields: Readonly<Record<string, unknown>>): Head {
    const path = this.#path;
    const isNew = !existsSync(path);
    // Appending is the system's doing: whatever else goes wrong, no line that is there is written over.
    let file = openSync(path, 'a+', 0o600);
    try {
      let { head, size } = isNew ? this.#begin(file) : this.#resume(file);
      if (size >= this.#maxBytes) {
        closeSync(file);
        renameSync(path, nextFile(path));
        file = openSync(path, 'a+', 0o600);
        ({ head } = this.#begin(file));
      }
      const made = makeLine(head, this.#now(), fields);
      appendLine(file, made.line);
      fsyncSync(file);
      if (isNew) syncFolder(path);
      return made.head;
    } finally {
      closeSync(file);
    }
  }

  /** The first line of a file. */
  #begin(file: number): { head: Head; size: number } {
    const before = earlierFiles(this.#path).at(-1);
    const event: LogEvent =
      before === undefined ? { event: 'opened' } : { event: 'continued', after: fileName(before) };
    const made = makeLine(before === undefined ? NOTHING : headOf(before), this.#now(), { ...event });
    appendLine(file, made.line);
    syncFolder(this.#path);
    return { head: made.head, size: 0 };
  }

  /** The end of the chain, behind which a torn line was closed and marked. */
  #resume(file: number): { head: Head; size: number } {
    const { size, line, torn } = readTail(file);
    if (size === 0) return this.#begin(file);
    if (torn.length === 0 && line !== undefined) return { head: headAfter(this.#path, line), size };
    const whole = line === undefined ? this.#before() : headAfter(this.#path, line);
    writeAll(file, '\n');
    const last = parseLine(torn.toString('utf8'));
    // Only its end was missing: nothing is lost.
    if (last?.seq === whole.seq + 1 && last.previous === whole.hash)
      return { head: { seq: last.seq, hash: hashOf(torn) }, size };
    const event: LogEvent = { event: 'recovered', tornBytes: torn.length, whole: whole.hash };
    const made = makeLine({ seq: whole.seq, hash: hashOf(torn) }, this.#now(), { ...event });
    appendLine(file, made.line);
    return { head: made.head, size };
  }

  #before(): Head {
    const before = earlierFiles(this.#path).at(-1);
    return before === undefined ? NOTHING : headOf(before);
  }
}

const fileName = (path: string): string => path.replace(/^.*[\\/]/, '');

/** The head after the last line of a file that is continued no more. */
function headOf(path: string): Head {
  const file = openSync(path, 'r');
  try {
    const { line, torn } = readTail(file);
    if (line === undefined || torn.length > 0)
      throw new AuditError(`${path} does not end with a line of the audit log; tacit audit verify says more`);
    return headAfter(path, line);
  } finally {
    closeSync(file);
  }
}

/** The head after a line. Behind one that is none, nothing may be written: it would look as if all were well. */
function headAfter(path: string, line: Buffer): Head {
  const parsed = parseLine(line.toString('utf8'));
  if (parsed === undefined)
    throw new AuditError(
      `the last line of ${path} is not one of the audit log; see tacit audit verify, and move the file away to begin another`,
    );
  return { seq: parsed.seq, hash: hashOf(line) };
}

function appendLine(file: number, line: string): void {
  writeAll(file, `${line}\n`);
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}
