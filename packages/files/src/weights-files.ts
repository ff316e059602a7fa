/** Several arrays in one file, as other programs load them: .safetensors and .npz, in float32. */
import { extname } from 'node:path';
import { zipSync } from 'fflate';
import { ArrayFileError } from './errors.js';
import { writeAtomically } from './files.js';
import { encodeNpy } from './npy.js';

/** An array by its shape and elements, row-major. */
export interface NamedNumbers {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

const ENCODERS: Readonly<Record<string, (arrays: Readonly<Record<string, NamedNumbers>>) => Uint8Array>> = {
  '.safetensors': encodeSafetensors,
  '.npz': encodeNpz,
};

/** The endings of files that hold several arrays. */
export const WEIGHTS_ENDINGS: readonly string[] = Object.keys(ENCODERS);

/**
 * Writes arrays by name, in float32: all of the file or nothing.
 * @param path of the file, which ends in .safetensors or .npz
 * @param arrays arrays by name
 * @throws ArrayFileError for another ending; FileError where it cannot be written
 * @example writeWeights('model.safetensors', { '0.weight': { shape: [2], data: Float32Array.of(1, 2) } });
 */
export function writeWeights(path: string, arrays: Readonly<Record<string, NamedNumbers>>): void {
  const ending = extname(path).toLowerCase();
  if (!Object.hasOwn(ENCODERS, ending))
    throw new ArrayFileError(`${path}: weights are written as ${WEIGHTS_ENDINGS.join(' or ')}`);
  writeAtomically(path, ENCODERS[ending](arrays));
}

/**
 * Arrays as a .safetensors file.
 * @param arrays arrays by name
 * @returns the bytes of the file
 */
export function encodeSafetensors(arrays: Readonly<Record<string, NamedNumbers>>): Uint8Array {
  let at = 0;
  const header = new Map<string, object>();
  const parts: Uint8Array[] = [];
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const bytes = littleEndian(Float32Array.from(data));
    header.set(name, { dtype: 'F32', shape, data_offsets: [at, at + bytes.length] });
    at += bytes.length;
    parts.push(bytes);
  }
  const json = JSON.stringify(Object.fromEntries(header));
  const length = new TextEncoder().encode(json).length;
  // Padded, so that the numbers are aligned.
  const text = new TextEncoder().encode(json + ' '.repeat((8 - (length % 8)) % 8));
  const file = new Uint8Array(8 + text.length + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  let offset = 8 + text.length;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

/**
 * Arrays as a .npz file, as numpy.savez writes it.
 * @param arrays arrays by name
 * @returns the bytes of the file
 */
export function encodeNpz(arrays: Readonly<Record<string, NamedNumbers>>): Uint8Array {
  const files = Object.entries(arrays).map(
    ([name, { shape, data }]) => [`${name}.npy`, encodeNpy(shape, Float32Array.from(data))] as const,
  );
  return zipSync(Object.fromEntries(files), { level: 0 });
}

function littleEndian(numbers: Float32Array<ArrayBuffer>): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.byteLength));
  numbers.forEach((v, i) => {
    view.setFloat32(4 * i, v, true);
  });
  return new Uint8Array(view.buffer);
}
