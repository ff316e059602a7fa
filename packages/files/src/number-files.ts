/** Files of numbers by the end of their names: .npz, .safetensors and .csv; everything else is read as .npy. */
import { extname } from 'node:path';
import { encodeCsv, parseCsv } from './csv.js';
import { ArrayFileError } from './errors.js';
import { readWhole, writeAtomically } from './files.js';
import { encodeNpy, npyNumbers, parseNpy } from './npy.js';
import { parseNpz } from './npz.js';
import type { Numbers } from './numbers.js';
import { parseSafetensors } from './safetensors.js';

const FORMATS: Readonly<Record<string, (file: Uint8Array, key?: string) => Numbers>> = {
  '.npz': parseNpz,
  '.safetensors': parseSafetensors,
};

/**
 * The numbers of a file.
 * @param path of the file; its end says what it is
 * @param key which array, in .npz and .safetensors files; may be left out where there is one
 * @returns shape and elements
 * @throws FileError where it cannot be read
 * @throws NpyFormatError, ArrayFileError where it is damaged, has no such array, or holds something other than numbers
 * @example const { shape, data } = await readNumbers('weights.safetensors', 'fc1.weight');
 */
export async function readNumbers(path: string, key?: string): Promise<Numbers> {
  const ending = extname(path).toLowerCase();
  const file = await readWhole(path);
  if (Object.hasOwn(FORMATS, ending)) return FORMATS[ending](file, key);
  if (key !== undefined)
    throw new ArrayFileError(`${path} holds one array; a key belongs to .npz and .safetensors files`);
  if (ending === '.csv') return parseCsv(file);
  const array = parseNpy(file);
  return { shape: array.shape, data: npyNumbers(array) };
}

/**
 * Writes numbers: all of the file or nothing.
 * @param path of the file: .csv, everything else is written as .npy
 * @param numbers shape and elements
 * @param dtype type that the elements are rounded to
 * @throws FileError where it cannot be written, ArrayFileError where a table cannot hold the shape
 */
export function writeNumbers(path: string, { shape, data }: Numbers, dtype: 'float32' | 'float64'): void {
  const ending = extname(path).toLowerCase();
  if (Object.hasOwn(FORMATS, ending))
    throw new ArrayFileError(`${ending} files are read and not written; write a .npy or .csv file`);
  const rounded = dtype === 'float64' ? data : Float32Array.from(data);
  writeAtomically(path, ending === '.csv' ? encodeCsv(shape, rounded) : encodeNpy(shape, rounded));
}
