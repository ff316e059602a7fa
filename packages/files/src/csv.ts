/**
 * Tables of numbers as text with commas, read by csv-parse: the first line may name the columns, everything else is numbers.
 * A first row with a value that is missing or damaged must not pass for names: it would be dropped without a word.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { ArrayFileError } from './errors.js';
import type { Numbers } from './numbers.js';

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** A table as text. */
export interface Table {
  /**
   * Names of the columns, where the first line has them: where it has a word that does not say that a value is missing, as
   * `nan` does, and no number in it but whole ones, such as years.
   */
  readonly names: readonly string[] | undefined;
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
}

/**
 * Reads a table as text.
 * @param file the bytes of the file: UTF-8, lines of values separated by commas; empty lines do not count
 * @returns names of the columns, and the lines with their numbers in the file
 * @throws ArrayFileError where it is not such a file, or lines have different lengths
 */
export function parseTable(file: Uint8Array): Table {
  const rows = rowsOf(file).map(({ record, info }) => ({
    line: info.lines,
    cells: record.map((cell) => cell.trim()),
  }));
  return namesColumns(rows[0]?.cells ?? [])
    ? { names: rows[0].cells, rows: rows.slice(1) }
    : { names: undefined, rows };
}

function namesColumns(cells: readonly string[]): boolean {
  const numbers = cells.filter((cell) => NUMBER.test(cell));
  const named = (cell: string): boolean =>
    cell !== '' && !NUMBER.test(cell) && !MISSING.test(cell) && (numbers.length === 0 || WORD.test(cell));
  return cells.some(named) && numbers.every((number) => /^\d+$/.test(number));
}

/**
 * The number in a cell.
 * @param cell text, without spaces around it
 * @param at where it is, for errors
 * @returns a finite number
 * @throws ArrayFileError where it is empty or not a number
 */
export function cellNumber(cell: string, at: string): number {
  if (cell === '') throw new ArrayFileError(`${at}: a value is missing`);
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  if (!Number.isFinite(value)) throw new ArrayFileError(`${at}: '${cell.slice(0, 40)}' is not a number`);
  return value;
}

const WORD = /[\p{Letter}_]/u;
/** What programs write where there is no number. */
const MISSING =
  /^(?:[?.-]|#?n\/?a|n\.a\.|<na>|[+-]?nan|null|none|nil|missing|[+-]?inf(?:inity)?|#div\/0!|#value!)$/i;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads a table of numbers.
 * @param file the bytes of the file: UTF-8, lines of numbers separated by commas; empty lines do not count
 * @returns a matrix, one row a line
 * @throws ArrayFileError where a cell is empty or not a number, naming line and column, or lines have different lengths
 */
export function parseCsv(file: Uint8Array): Numbers {
  const { rows } = parseTable(file);
  if (rows.length === 0) throw new ArrayFileError('the table has no numbers');
  const columns = rows[0].cells.length;
  const data = new Float64Array(rows.length * columns);
  rows.forEach(({ line, cells }, row) => {
    cells.forEach((cell, column) => {
      data[row * columns + column] = cellNumber(cell, `line ${line}, column ${column + 1}`);
    });
  });
  return { shape: [rows.length, columns], data };
}

function rowsOf(file: Uint8Array): readonly Row[] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(file);
    return parse(text, { bom: true, info: true, skip_empty_lines: true }) as unknown as readonly Row[];
  } catch (cause) {
    if (cause instanceof CsvError)
      throw new ArrayFileError(`this is not a table of lines of one length: ${cause.message}`, { cause });
    throw new ArrayFileError('the file is not text in UTF-8', { cause });
  }
}

/**
 * A table as text, without names of columns.
 * @param shape of a matrix, or of a vector, which is a column
 * @param data elements, row-major; each is written so that it is read as it is
 * @returns the bytes of the file
 * @throws ArrayFileError for other shapes
 */
export function encodeCsv(shape: readonly number[], data: Float64Array | Float32Array): Uint8Array {
  if (shape.length === 0 || shape.length > 2)
    throw new ArrayFileError(`a .csv file holds a vector or a matrix, not the shape [${shape}]`);
  const [rows, columns = 1] = shape;
  const lines = Array.from({ length: rows }, (_, row) =>
    data.subarray(row * columns, (row + 1) * columns).join(','),
  );
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
}
