/** Files of parameters that `unlockCompat` reads: ONNX, .safetensors, .npz, .npy. Only the parameters change in them. */
import { ArgumentError } from '@tacit/errors';
import { ArrayFileError } from '@tacit/files';
import { unzipSync, zipSync } from 'fflate';
import { readWeights } from '../weights/read.js';
import { writeWeights } from '../weights/write.js';
import { unlockCompat } from './compat.js';

/** An array in a file. */
interface Entry {
  readonly name: string;
  /** Whether it is of 32 or 64 bits of floating point, which is all that the implementation locks. */
  readonly float: boolean;
  readonly bytes: Uint8Array;
}

/** A kind of file: its arrays, in file order, and the file with others in their places. */
interface Container {
  entries(file: Uint8Array): Entry[];
  replaced(file: Uint8Array, bytes: ReadonlyMap<string, Uint8Array>): Uint8Array;
}

/** What `unlockCompatFile` made. */
export interface CompatUnlocked {
  readonly file: Uint8Array;
  /** Names of the arrays that were opened, in order. */
  readonly names: readonly string[];
}

/**
 * Opens a file whose parameters the public implementation of Deep-Lock locked.
 * @param file the bytes of a .onnx, .safetensors, .npz or .npy file
 * @param ending which of these it is, as `.onnx`
 * @param key 16 or 32 bytes
 * @param names the parameters in the order of the model they came from, where that is not file order: the keys run on
 * from one to the next. Default: all arrays of 32 or 64 bits of floating point in file order
 * @returns the file with opened parameters. Nothing tells whether the key was right
 * @throws ArgumentError for another ending or a name that is not there; ArrayFileError, OnnxFormatError
 * @example const { file } = unlockCompatFile(locked, '.safetensors', compatKey(pickle), ['0.weight', '0.bias']);
 */
export function unlockCompatFile(
  file: Uint8Array,
  ending: string,
  key: Uint8Array,
  names?: readonly string[],
): CompatUnlocked {
  if (!Object.hasOwn(CONTAINERS, ending))
    throw new ArgumentError(
      `files of parameters end in ${Object.keys(CONTAINERS).join(', ')}, not in '${ending}'`,
    );
  const container = CONTAINERS[ending];
  const entries = container.entries(file);
  const chosen = names?.map((name) => found(entries, name)) ?? entries.filter(({ float }) => float);
  const opened = unlockCompat(
    chosen.map(({ bytes }) => bytes),
    key,
  );
  const bytes = new Map(chosen.map(({ name }, i) => [name, opened[i]]));
  if (bytes.size !== chosen.length) throw new ArgumentError('a name is there twice');
  return { file: container.replaced(file, bytes), names: [...bytes.keys()] };
}

function found(entries: readonly Entry[], name: string): Entry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry?.float)
    throw new ArgumentError(
      `there is no array ${JSON.stringify(name)} of 32 or 64 bits of floating point among ${entries.map((e) => e.name).join(', ')}`,
    );
  return entry;
}

const patched = (
  file: Uint8Array,
  parts: readonly (readonly [at: number, bytes: Uint8Array])[],
): Uint8Array => {
  const out = file.slice();
  for (const [at, bytes] of parts) out.set(bytes, at);
  return out;
};

const CONTAINERS: Readonly<Record<string, Container>> = {
  '.onnx': {
    entries: (file) =>
      readWeights(file).map(({ name, type, bytes }) => ({
        name,
        float: /^(float|double)$/.test(type),
        bytes,
      })),
    replaced: writeWeights,
  },
  '.safetensors': {
    entries: (file) =>
      tensorsIn(file).map(({ name, dtype, start, end }) => ({
        name,
        float: dtype === 'F32' || dtype === 'F64',
        bytes: file.subarray(start, end),
      })),
    replaced: (file, bytes) =>
      patched(
        file,
        tensorsIn(file).flatMap(({ name, start }) =>
          bytes.has(name) ? [[start, bytes.get(name) ?? new Uint8Array(0)]] : [],
        ),
      ),
  },
  '.npz': {
    entries: (file) =>
      Object.entries(unzipped(file)).map(([name, npy]) => ({ ...arrayIn(npy), name: nameOf(name) })),
    replaced: (file, bytes) =>
      zipSync(
        Object.fromEntries(
          Object.entries(unzipped(file)).map(([name, npy]) => [
            name,
            withArray(npy, bytes.get(nameOf(name))),
          ]),
        ),
        { level: 0 },
      ),
  },
  '.npy': {
    entries: (file) => [{ ...arrayIn(file), name: 'array' }],
    replaced: (file, bytes) => withArray(file, bytes.get('array')),
  },
};

const nameOf = (member: string): string => member.replace(/\.npy$/, '');

function unzipped(file: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(file);
  } catch (cause) {
    throw new ArrayFileError('not a correct .npz file: it is no zip archive, or cut off', { cause });
  }
}

/** Where the header of a .npy file ends, and whether its elements are little-endian floats in row-major order. */
function npyHeader(npy: Uint8Array): { end: number; float: boolean } {
  const view = new DataView(npy.buffer, npy.byteOffset, npy.byteLength);
  const magic = Buffer.from(npy.subarray(0, 6)).toString('latin1');
  const wide = npy[6] > 1;
  if (magic !== '\x93NUMPY' || npy.length < 12) throw new ArrayFileError('not a correct .npy file');
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > npy.length) throw new ArrayFileError('not a correct .npy file: it is cut off');
  const header = Buffer.from(npy.subarray(start, end)).toString('latin1');
  return { end, float: /'descr': *'<f[48]'/.test(header) && /'fortran_order': *False/.test(header) };
}

function arrayIn(npy: Uint8Array): Omit<Entry, 'name'> {
  const { end, float } = npyHeader(npy);
  return { float, bytes: npy.subarray(end) };
}

function withArray(npy: Uint8Array, bytes: Uint8Array | undefined): Uint8Array {
  return bytes ? patched(npy, [[npyHeader(npy).end, bytes]]) : npy;
}

interface SafeTensor {
  readonly name: string;
  readonly dtype: string;
  readonly start: number;
  readonly end: number;
}

/** The tensors of a .safetensors file, by where their bytes are. */
function tensorsIn(file: Uint8Array): SafeTensor[] {
  const wrong = (what: string, cause?: unknown) =>
    new ArrayFileError(`not a correct .safetensors file: ${what}`, { cause });
  if (file.length < 8) throw wrong('it is cut off');
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (8 + length > file.length) throw wrong('it is cut off');
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  } catch (cause) {
    throw wrong('its header is not JSON', cause);
  }
  const entries = Object.entries(header ?? {}).filter(([name]) => name !== '__metadata__');
  return entries
    .map(([name, tensor]) => {
      const { dtype, data_offsets: offsets } = tensor ?? {};
      const [from, to] = Array.isArray(offsets) ? offsets.map(Number) : [];
      if (
        !Number.isSafeInteger(from) ||
        !Number.isSafeInteger(to) ||
        from < 0 ||
        to < from ||
        8 + length + to > file.length
      )
        throw wrong(`the places of ${JSON.stringify(name)} are not in it`);
      return { name, dtype: String(dtype), start: 8 + length + from, end: 8 + length + to };
    })
    .sort((a, b) => a.start - b.start);
}
