/** Tables of numbers as text with commas, read by csv-parse: the first line may name the columns, everything else is numbers. */
import { CsvError, parse } from 'csv-parse/sync';
import { ArrayFileError } from './errors.js';
import type { Numbers } from './numbers.js';

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads a table of numbers.
 * @param file the bytes of the file: UTF-8, lines of numbers separated by commas; empty lines do not count
 * @returns a matrix, one row a line
 * @throws ArrayFileError where a cell is empty or not a number, naming line and column, or lines have different lengths
 */
export function parseCsv(file: Uint8Array): Numbers {
  const rows = rowsOf(file);
  const named = rows[0]?.record.some((cell) => cell.trim() !== '' && !NUMBER.test(cell.trim()));
  const body = named ? rows.slice(1) : rows;
  const columns = rows[0]?.record.length ?? 0;
  if (body.length === 0) throw new ArrayFileError('the table has no numbers');
  const data = new Float64Array(body.length * columns);
  body.forEach(({ record, info }, row) => {
    record.forEach((text, column) => {
      const cell = text.trim();
      const at = `line ${info.lines}, column ${column + 1}`;
      if (cell === '') throw new ArrayFileError(`${at}: a value is missing`);
      const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
      if (!Number.isFinite(value)) throw new ArrayFileError(`${at}: '${cell.slice(0, 40)}' is not a number`);
      data[row * columns + column] = value;
    });
  });
  return { shape: [body.length, columns], data };
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
