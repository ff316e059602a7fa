/**
 * What was used: a folder with an empty-handed file for each spent tape, named by its id. A file is made exclusively, so
 * of several processes that want a tape one gets it, without a lock; and it is on the disk before the tape is used, so a
 * crash loses a tape and never uses it twice. Entries are kept for ever: some hundred bytes each.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, tryCreate } from './disk.js';
import type { TapeHeader } from './header.js';

/** The tapes that a member has used. */
export class Ledger {
  /** @param folder where entries are; made at the first one */
  constructor(readonly folder: string) {}

  /** Whether a tape was used. */
  has(id: string): boolean {
    return existsSync(join(this.folder, id));
  }

  /** How many were used. */
  get size(): number {
    return existsSync(this.folder) ? readdirSync(this.folder).length : 0;
  }

  /**
   * Notes that a tape is used. What it stands for may be done when this has returned true, and not before.
   * @returns false where it was used before, or is by somebody else at this moment
   * @throws FileError where it cannot be noted: the tape must not be used then
   */
  enter(id: string, { plan, serial }: Pick<TapeHeader, 'plan' | 'serial'>): boolean {
    makeFolder(this.folder);
    const entry = { plan, serial, at: new Date().toISOString(), pid: process.pid };
    return tryCreate(join(this.folder, id), Buffer.from(`${JSON.stringify(entry)}\n`));
  }
}
