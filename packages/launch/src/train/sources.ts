/** The files of a training, each read by its owner: features, targets, their standardisation. */
import { extname } from 'node:path';
import { TacitError } from '@tacit/errors';
import {
  ArrayFileError,
  cellNumber,
  encodeCsv,
  parseTable,
  readNumbers,
  readWhole,
  writeAtomically,
} from '@tacit/files';
import type { Checked } from './build.js';
import { classCount, type DataSource } from './config.js';
import { errorAt, type ValuePath } from './config-file.js';
import { binaryLoss } from './names.js';

/** What a file has of a training. */
export interface OwnData {
  /** [rows, ...]. */
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A file in a config. */
export interface SourceAt {
  readonly kind: 'features' | 'targets';
  readonly index: number;
  readonly source: DataSource;
  readonly owner: number;
  readonly path: ValuePath;
}

/**
 * All files of a config: features, then targets.
 * @param checked the config
 * @returns the files in one order at all parties
 */
export const sourcesOf = ({ config: { data, parties } }: Checked): SourceAt[] =>
  (['features', 'targets'] as const).flatMap((kind) =>
    data[kind].map((source, index) => ({
      kind,
      index,
      source,
      owner: parties.indexOf(source.owner),
      path: ['data', kind, index],
    })),
  );

/** As of inputs: more can be encoded, but sums of layers have to stay in their range. */
const INPUT_BITS = 20;
/** Squares of centred values have to stay below 2^28. */
const PRIVATE_STANDARDISE_BITS = 13;

/**
 * Reads a file at its owner.
 * @param checked the config
 * @param at which file
 * @returns its numbers: of targets that are classes, one-hot rows (or 0 and 1, for losses of two classes)
 * @throws FileError, ArrayFileError, NpyFormatError for a file that is damaged, or has something else
 * @throws TrainConfigError where it does not have what the config says
 */
export async function readSource(checked: Checked, at: SourceAt): Promise<OwnData> {
  const { source, path, kind } = at;
  try {
    const classes = kind === 'targets' ? checked.config.data.classes : undefined;
    const csv = extname(source.file).toLowerCase() === '.csv';
    const read = csv ? await readCsv(checked, at) : await readArray(checked, at);
    if (classes === undefined) return checkedRange(checked, at, read.numbers());
    return encodedClasses(checked, at, classes, read);
  } catch (error) {
    if (error instanceof TacitError && error.code !== 'TRAIN_CONFIG' && !error.message.includes(source.file))
      throw new ArrayFileError(`${source.file}: ${error.message}`, { cause: error });
    if (error instanceof TacitError) throw error;
    throw errorAt(
      checked.places,
      [...path, 'file'],
      `cannot read ${source.file}: ${(error as Error).message}`,
    );
  }
}

/** What was read, as numbers or as labels. */
interface Read {
  readonly shape: readonly number[];
  numbers(): OwnData;
  /** Of one column. */
  label(row: number): string;
  place(row: number): string;
}

async function readCsv({ config, places }: Checked, { source, kind, path }: SourceAt): Promise<Read> {
  const { names, rows } = parseTable(await readWhole(source.file));
  if (rows.length === 0) throw new ArrayFileError('the table has no rows');
  const width = rows[0].cells.length;
  const given = typeof source.columns === 'string' ? [source.columns] : source.columns;
  const indexOf = (column: string | number, at: ValuePath): number => {
    if (typeof column === 'number') {
      if (column < width) return column;
      throw errorAt(places, at, `${source.file} has no column ${column}: it has ${width}, from 0`);
    }
    if (!names) throw errorAt(places, at, `${source.file} has no header with names of columns`);
    const found = names.indexOf(column);
    if (found < 0)
      throw errorAt(places, at, `${source.file} has no column '${column}'; it has ${names.join(', ')}`);
    if (names.indexOf(column, found + 1) >= 0)
      throw errorAt(places, at, `${source.file} has two columns '${column}'`);
    return found;
  };
  // Targets that are in the file of features are no features.
  const targets = config.data.targets.filter(
    ({ file, owner }) => kind === 'features' && file === source.file && owner === source.owner,
  );
  if (given === undefined && targets.some(({ columns }) => columns === undefined))
    throw errorAt(places, path, `${source.file} has features and targets: say which 'columns' are which`);
  const excluded = targets.flatMap(({ columns = [] }) =>
    (typeof columns === 'string' ? [columns] : columns).map((column) => indexOf(column, ['data', 'targets'])),
  );
  const chosen =
    given?.map((column, i) => indexOf(column, [...path, 'columns', i])) ??
    Array.from({ length: width }, (_, i) => i).filter((i) => !excluded.includes(i));
  if (chosen.length === 0) throw errorAt(places, path, `no column of ${source.file} is left for features`);
  const { classes } = config.data;
  const named = names?.[chosen[0]];
  if (kind === 'targets' && named && Array.isArray(classes) && classes.map(String).includes(named))
    throw errorAt(
      places,
      [...path, 'file'],
      `${source.file} begins with '${named}', which is a class: give the file a first line with the names of its columns`,
    );
  const place = (row: number, column: number) =>
    `${source.file}: line ${rows[row].line}, column ${names ? `'${names[column]}'` : column + 1}`;
  return {
    shape: [rows.length, chosen.length],
    numbers: () => ({
      shape: [rows.length, chosen.length],
      data: Float64Array.from(
        rows.flatMap(({ cells }, row) =>
          chosen.map((column) => cellNumber(cells[column], place(row, column))),
        ),
      ),
    }),
    label: (row) => rows[row].cells[chosen[0]],
    place: (row) => place(row, chosen[0]),
  };
}

async function readArray({ places }: Checked, { source, path }: SourceAt): Promise<Read> {
  const read = await readNumbers(source.file, source.key);
  const whole = read.shape.length === 1 ? { shape: [read.shape[0], 1], data: read.data } : read;
  const { shape, data } =
    typeof source.columns === 'object' ? picked(whole, source.columns as number[]) : whole;
  function picked(all: OwnData, columns: readonly number[]): OwnData {
    const [rows, width] = all.shape;
    if (all.shape.length !== 2)
      throw errorAt(places, [...path, 'columns'], `${source.file} is no table but an array [${all.shape}]`);
    columns.forEach((column, i) => {
      if (column >= width)
        throw errorAt(
          places,
          [...path, 'columns', i],
          `${source.file} has no column ${column}: it has ${width}, from 0`,
        );
    });
    const chosen = Float64Array.from({ length: rows * columns.length }, (_, i) =>
      Math.floor(i / columns.length),
    ).map((row, i) => all.data[row * width + columns[i % columns.length]]);
    return { shape: [rows, columns.length], data: chosen };
  }
  if (shape.length < 2 || shape[0] === 0) throw new ArrayFileError('the array has no rows');
  return {
    shape,
    numbers: () => ({ shape, data }),
    label: (row) => String(data[row]),
    place: (row) => `${source.file}: row ${row}`,
  };
}

function checkedRange({ config }: Checked, { source, kind }: SourceAt, own: OwnData): OwnData {
  const { standardize } = config.data;
  const scaled = kind === 'features' && standardize !== 'none';
  const bits = !scaled ? INPUT_BITS : standardize === 'private' ? PRIVATE_STANDARDISE_BITS : 1023;
  const { shape, data } = own;
  const bad = data.findIndex((value) => !(Math.abs(value) < 2 ** bits));
  if (bad < 0) return own;
  const width = data.length / shape[0];
  const row = Math.floor(bad / width);
  const where = `${source.file}: row ${row} of the data, column ${bad % width}`;
  if (!Number.isFinite(data[bad])) throw new ArrayFileError(`${where}: ${data[bad]} is not a number`);
  throw new ArrayFileError(
    scaled
      ? `${where}: ${data[bad]}, and values that are standardised in private are below 2^${bits}: divide the column first, or use 'standardize: owner'`
      : `${where}: ${data[bad]}, and ${kind} are below 2^${bits}: scale them, or say 'standardize'`,
  );
}

/** Labels as one-hot rows, made by their owner; as 0 and 1 for losses of two classes. */
function encodedClasses(
  { config, places }: Checked,
  { source, path }: SourceAt,
  classes: NonNullable<Checked['config']['data']['classes']>,
  { shape, numbers, label, place }: Read,
): OwnData {
  const count = classCount(classes);
  const [rows, width] = shape;
  const binary = binaryLoss(config.loss.name);
  if (!binary && shape.length === 2 && width === count && count > 1) {
    const { data } = numbers();
    for (let row = 0; row < rows; row++) {
      const own = data.subarray(row * width, (row + 1) * width);
      if (own.some((v) => v !== 0 && v !== 1) || own.reduce((a, b) => a + b, 0) !== 1)
        throw new ArrayFileError(`${place(row)}: this row is not one-hot (one 1 and zeros)`);
    }
    return { shape, data };
  }
  if (shape.length !== 2 || width !== 1)
    throw errorAt(
      places,
      path,
      `classes are one column of labels${binary ? '' : ` or ${count} one-hot columns`}; ${source.file} gives [${shape}]`,
    );
  const indices = Float64Array.from({ length: rows }, (_, row) => {
    const index = classIndex(label(row), classes);
    if (index !== undefined) return index;
    const known = typeof classes === 'number' ? `0 to ${classes - 1}` : classes.join(', ');
    const given = label(row);
    throw new ArrayFileError(
      `${place(row)}: ${given === '' ? 'a label is missing' : `'${given.slice(0, 40)}' is no label`}; labels are ${known}`,
    );
  });
  if (binary) return { shape: [rows, 1], data: indices.map((index) => binary.targets[index]) };
  const data = new Float64Array(rows * count);
  indices.forEach((index, row) => {
    data[row * count + index] = 1;
  });
  return { shape: [rows, count], data };
}

function classIndex(
  label: string,
  classes: NonNullable<Checked['config']['data']['classes']>,
): number | undefined {
  const value = label === '' ? Number.NaN : Number(label);
  if (typeof classes === 'number')
    return Number.isInteger(value) && value >= 0 && value < classes ? value : undefined;
  const index = classes.findIndex((known) =>
    typeof known === 'number' ? known === value : String(known) === label,
  );
  return index < 0 ? undefined : index;
}

/** Mean and deviation of each column over some rows; a column that never changes keeps its size. */
export function scalingOf(
  { shape, data }: OwnData,
  rows: Int32Array,
): { mean: number[]; deviation: number[] } {
  const width = data.length / shape[0];
  const columns = Array.from({ length: width }, (_, column) => {
    let [mean, squares, count] = [0, 0, 0];
    // Welford 1962.
    for (const row of rows) {
      const value = data[row * width + column];
      const step = value - mean;
      mean += step / ++count;
      squares += step * (value - mean);
    }
    const deviation = Math.sqrt(squares / count);
    return [mean, deviation > 1e-9 * Math.max(1, Math.abs(mean)) ? deviation : 1] as const;
  });
  return { mean: columns.map(([mean]) => mean), deviation: columns.map(([, deviation]) => deviation) };
}

/**
 * Standardises features at their owner, by the training rows alone, and writes the scaling where the config says.
 * @param own the features
 * @param rows of training
 * @param source the file
 * @returns features of mean 0 and deviation 1
 * @throws FileError where the scaling cannot be written
 */
export function standardized(own: OwnData, rows: Int32Array, { scaling }: DataSource): OwnData {
  const { mean, deviation } = scalingOf(own, rows);
  const width = mean.length;
  if (scaling !== undefined)
    writeAtomically(scaling, encodeCsv([2, width], Float64Array.from([...mean, ...deviation])));
  // Rows of validation may lie far outside of those of training.
  const limit = 2 ** INPUT_BITS - 1;
  const data = own.data.map((v, i) =>
    Math.max(-limit, Math.min(limit, (v - mean[i % width]) / deviation[i % width])),
  );
  return { shape: own.shape, data };
}
