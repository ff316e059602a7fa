/** Parts of tensors that are several, or that an index in NumPy's notation names. Local. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { normalizeAxis } from '@tacit/graph';

/** What a tensor must be able to do to be cut. */
interface Cuttable<T> {
  readonly shape: readonly number[];
  narrow(axis: number, start: number, length: number): T;
  slice(starts: readonly number[], ends: readonly number[], steps: readonly number[]): T;
  reshape(shape: readonly number[]): T;
  dispose(): void;
}

/** One axis of an index: a range, or a single part whose axis goes away. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly lone: boolean;
}

/**
 * Parts of an axis, one after the other.
 * @param x tensor
 * @param sizes one size for all parts but a smaller last one, or the size of each part
 * @param axis axis; negative ones count from the back
 * @returns the parts
 * @throws ShapeError where there is no such axis or the sizes are not those of its parts
 * @example const [a, b] = splitAlong(x, [2, 3], 0);
 */
export function splitAlong<T>(x: Cuttable<T>, sizes: number | readonly number[], axis: number): T[] {
  const own = normalizeAxis(axis, x.shape.length);
  const total = x.shape[own];
  const list = typeof sizes === 'number' ? equalParts(total, sizes) : sizes;
  const sum = list.reduce((a, b) => a + b, 0);
  if (!list.every((size) => Number.isInteger(size) && size >= 0) || sum !== total)
    throw new ShapeError(`split: sizes [${list}] of the size ${total} of axis ${own}`);
  let start = 0;
  return list.map((length) => {
    const part = x.narrow(own, start, length);
    start += length;
    return part;
  });
}

function equalParts(total: number, size: number): number[] {
  if (!Number.isInteger(size) || size < 1) throw new ShapeError(`split: parts of size ${size}`);
  const count = Math.max(1, Math.ceil(total / size));
  return Array.from({ length: count }, (_, i) => Math.min(size, total - i * size));
}

/**
 * Every part of an axis without the axis.
 * @param x tensor
 * @param axis axis; negative ones count from the back
 * @returns as many tensors as the axis is long
 * @throws ShapeError where there is no such axis
 * @example const rows = unbindAlong(matrix, 0);
 */
export function unbindAlong<T extends Cuttable<T>>(x: Cuttable<T>, axis: number): T[] {
  const own = normalizeAxis(axis, x.shape.length);
  const rest = x.shape.filter((_, i) => i !== own);
  return Array.from({ length: x.shape[own] }, (_, i) => reshaped(x.narrow(own, i, 1), rest));
}

/**
 * The part that an index in NumPy's notation names.
 * @param x tensor
 * @param index for each axis, separated by commas, a number or start:end:step; '...' for all axes that are not named
 * @returns the part, without the axes of numbers
 * @throws ShapeError where a number is out of range or there are more entries than axes
 * @throws ArgumentError where the index cannot be read
 * @example partAt(x, '1:-1, ::2, 0');
 */
export function partAt<T extends Cuttable<T>>(x: Cuttable<T>, index: string): T {
  const ranges = readIndex(index, x.shape);
  const part = x.slice(
    ranges.map(({ start }) => start),
    ranges.map(({ end }) => end),
    ranges.map(({ step }) => step),
  );
  const kept = part.shape.filter((_, axis) => !ranges[axis].lone);
  if (kept.length === part.shape.length) return part;
  return reshaped(part, kept);
}

/** A part in another shape; the handle to it in its own is freed. */
function reshaped<T extends Cuttable<T>>(part: T, shape: readonly number[]): T {
  const result = part.reshape(shape);
  part.dispose();
  return result;
}

function readIndex(index: string, shape: readonly number[]): Range[] {
  if (typeof index !== 'string') throw new ArgumentError(`at: an index such as '1:-1, 0', not ${index}`);
  const given = index.trim() === '' ? [] : index.split(',').map((entry) => entry.trim());
  const dots = given.indexOf('...');
  if (dots !== given.lastIndexOf('...')) throw new ArgumentError(`at: '...' twice in '${index}'`);
  const named = given.length - (dots < 0 ? 0 : 1);
  if (named > shape.length) throw new ShapeError(`at: '${index}' names ${named} axes of [${shape}]`);
  const rest = new Array<string>(shape.length - named).fill(':');
  const entries =
    dots < 0 ? [...given, ...rest] : [...given.slice(0, dots), ...rest, ...given.slice(dots + 1)];
  return entries.map((entry, axis) => readRange(entry, shape[axis], axis, index));
}

function readRange(entry: string, size: number, axis: number, index: string): Range {
  if (/^-?\d+$/.test(entry)) {
    const position = Number(entry) < 0 ? Number(entry) + size : Number(entry);
    if (position < 0 || position >= size)
      throw new ShapeError(`at: ${entry} is out of range for the size ${size} of axis ${axis}`);
    return { start: position, end: position + 1, step: 1, lone: true };
  }
  const match = /^(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?)?$/.exec(entry);
  if (!match)
    throw new ArgumentError(`at: '${entry}' in '${index}' is not a number, start:end:step or '...'`);
  const [start, end, step] = match.slice(1).map((text) => (text === undefined ? undefined : Number(text)));
  const by = step ?? 1;
  if (by === 0) throw new ShapeError(`at: a step of 0 in '${index}'`);
  return {
    start: start ?? (by > 0 ? 0 : Infinity),
    end: end ?? (by > 0 ? Infinity : -Infinity),
    step: by,
    lone: false,
  };
}
