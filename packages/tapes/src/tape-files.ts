/** The two files of a tape: what they are called, and how long the one with the corrections is. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { ROW_BYTES, TapeError } from '@tacit/mpc';
import type { TapeHeader } from './header.js';
import { fileBytes } from './records.js';

/** Those whose names look right. */
export const KEY_FILE = /^(\d{16}-([0-9a-f]{16}))\.key$/;

export const TAPE_FILE = /^\d{16}-[0-9a-f]{16}\.tape$/;

/** The beginning of the names of a tape's files. */
export const fileName = ({ serial }: Pick<TapeHeader, 'serial'>, id: string): string =>
  `${String(serial).padStart(16, '0')}-${id.slice(0, 16)}`;

/** Bytes of a tape's table and corrections. */
export const bodyBytes = ({ operations, bytes }: TapeHeader): number => operations * ROW_BYTES + bytes;

/** @throws TapeError where the file of corrections is not there, or is not as long as the header says */
export function requireLength(
  path: string,
  header: TapeHeader,
  size = statSync(path, { throwIfNoEntry: false })?.size,
) {
  const expected = fileBytes(bodyBytes(header));
  if (size === undefined) throw new TapeError('TAPE_FORMAT', `${basename(path)} is missing`);
  if (size !== expected)
    throw new TapeError(
      'TAPE_FORMAT',
      `${basename(path)} has ${size} bytes instead of ${expected}: it is cut off, or another file`,
    );
}
