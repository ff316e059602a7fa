/** A table that takes part in a linkage: what its owner gives, and what is public about it. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { type PlainInput, toPlain } from '@tacit/tensor';
import { LinkKeyError } from './errors.js';
import { type Key, type KeyKind, readKeys } from './keys.js';

/** One party's table. Only the owner's keys and columns count; the others give its rank. */
export interface LinkTable {
  /** Rank of the owner. */
  readonly src: number;
  /** A key for each row, each key once: numbers, text, or lists of these. */
  readonly keys?: ArrayLike<Key>;
  /** Columns by name: a number for each row, or a list of numbers of one length. None by default. */
  readonly columns?: Readonly<Record<string, PlainInput>>;
}

/** What all parties know of a table. */
export interface PublicTable {
  readonly rows: number;
  readonly kinds: readonly KeyKind[];
  /** Names, and how many numbers each column has in a row. */
  readonly columns: readonly (readonly [name: string, width: number])[];
  /** The owner's half of the salt, in hexadecimal digits. */
  readonly salt: string;
}

/** A table at its owner. */
export interface OwnTable {
  readonly told: PublicTable;
  readonly texts: readonly string[];
  /** All columns beside each other, row-major. */
  readonly values: Float64Array;
}

/** Numbers of a row, all columns together. */
export const widthOf = ({ columns }: PublicTable): number =>
  columns.reduce((sum, [, width]) => sum + width, 0);

/**
 * Reads a table at its owner.
 * @param which 'left' or 'right', for errors
 * @param table keys and columns
 * @param salt the owner's half of the salt, in hexadecimal digits
 * @param range values are below 2^range
 * @returns what is public about it, and what is not
 * @throws ArgumentError without keys, or for a value that is not a number in range
 * @throws LinkKeyError for keys that cannot be used
 * @throws ShapeError for a column that does not have as many rows as there are keys
 */
export function readTable(which: string, table: LinkTable, salt: string, range: number): OwnTable {
  const { keys, columns = {} } = table;
  if (keys === undefined || keys === null || typeof keys === 'string' || !Number.isInteger(keys.length))
    throw new ArgumentError(`the owner of the ${which} table gives a list of keys, one for each row`);
  const { kinds, texts } = readKeys(Array.from(keys));
  const rows = texts.length;
  const read = Object.entries(columns).map(([name, given]) => {
    const { shape, data } = toPlain(given);
    if (shape[0] !== rows || shape.length > 2)
      throw new ShapeError(
        `the column '${name}' of the ${which} table has the shape [${shape}]: ${rows} keys take [${rows}] or [${rows}, n]`,
      );
    if (!data.every((value) => Math.abs(value) < 2 ** range))
      throw new ArgumentError(
        `the column '${name}' of the ${which} table holds what is not a number below 2^${range} in magnitude`,
      );
    // An empty list has lost its width.
    const width = shape[1] ?? 1;
    return { name, width, data };
  });
  const told: PublicTable = { rows, kinds, columns: read.map(({ name, width }) => [name, width]), salt };
  const width = widthOf(told);
  const values = new Float64Array(rows * width);
  let at = 0;
  for (const column of read) {
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < column.width; i++)
        values[row * width + at + i] = column.data[row * column.width + i];
    at += column.width;
  }
  return { told, texts, values };
}

/**
 * Checks what is the same at all parties.
 * @param which 'left' or 'right', for errors
 * @param table table of any party
 * @throws ArgumentError for options that do not exist
 */
export function checkTable(which: string, table: LinkTable): void {
  if (typeof table !== 'object' || table === null) throw new ArgumentError(`there is no ${which} table`);
  checkOptions(`the ${which} table`, table, ['src', 'keys', 'columns']);
}

/**
 * Refuses keys that can never be equal.
 * @param left what is public of a table
 * @param right what is public of the other one
 * @throws LinkKeyError where they have keys of different kinds
 */
export function checkKinds(left: PublicTable, right: PublicTable): void {
  if (left.rows === 0 || right.rows === 0) return;
  if (String(left.kinds) !== String(right.kinds))
    throw new LinkKeyError(
      `keys of [${left.kinds}] on the left are never those of [${right.kinds}] on the right: write both the same way`,
    );
}
