/**
 * One tensor of a .safetensors file.
 *
 * Source: the format of Hugging Face's safetensors 0.4: 8 bytes little-endian, the length of a header in JSON that names
 * type, shape and place of each tensor, then the bytes, which tensors have to fill without gap or overlap.
 */
import { bigintOfBytes } from '@tacit/ring';
import { ArrayFileError } from './errors.js';
import { fromBfloat16, fromFloat16 } from './half.js';
import { integersAsDoubles } from './npy.js';
import type { Numbers } from './numbers.js';
import { chosen } from './numbers.js';

/** What the reference implementation accepts, too. */
const MOST_HEADER_BYTES = 100_000_000n;

const TYPES: Readonly<Record<string, { readonly bytes: number; read(b: ArrayBuffer): Float64Array }>> = {
  F64: { bytes: 8, read: (b) => new Float64Array(b) },
  F32: { bytes: 4, read: (b) => Float64Array.from(new Float32Array(b)) },
  F16: { bytes: 2, read: (b) => Float64Array.from(fromFloat16(new Uint16Array(b))) },
  BF16: { bytes: 2, read: (b) => Float64Array.from(fromBfloat16(new Uint16Array(b))) },
  I64: { bytes: 8, read: (b) => integersAsDoubles(new BigInt64Array(b)) },
  I32: { bytes: 4, read: (b) => Float64Array.from(new Int32Array(b)) },
  I16: { bytes: 2, read: (b) => Float64Array.from(new Int16Array(b)) },
  I8: { bytes: 1, read: (b) => Float64Array.from(new Int8Array(b)) },
  U8: { bytes: 1, read: (b) => Float64Array.from(new Uint8Array(b)) },
  BOOL: { bytes: 1, read: (b) => booleans(new Uint8Array(b)) },
};

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads one tensor.
 * @param file the bytes of the file
 * @param key name of the tensor; may be left out where there is one
 * @returns shape and elements
 * @throws ArrayFileError where the file is damaged, or has no such tensor
 */
export function parseSafetensors(file: Uint8Array, key?: string): Numbers {
  if (file.length < 8)
    throw new ArrayFileError('the file is cut off: a .safetensors file has 8 bytes at least');
  const length = bigintOfBytes(file.subarray(0, 8));
  if (length > MOST_HEADER_BYTES || length > BigInt(file.length - 8))
    throw new ArrayFileError(`the header claims ${length} bytes, ${file.length - 8} are there`);
  const data = file.subarray(8 + Number(length));
  const entries = entriesOf(file.subarray(8, 8 + Number(length)), data.length);
  const entry = chosen(
    entries.map((e) => [e.name, e] as const),
    key,
  );
  const type = Object.hasOwn(TYPES, entry.dtype) ? TYPES[entry.dtype] : undefined;
  if (!type)
    throw new ArrayFileError(
      `'${entry.name}' is of type ${entry.dtype}; ${Object.keys(TYPES).join(', ')} can be read`,
    );
  const size = entry.shape.reduce((a, b) => a * b, 1);
  if (size * type.bytes !== entry.end - entry.begin)
    throw new ArrayFileError(
      `'${entry.name}': shape [${entry.shape}] of ${entry.dtype} needs ${size * type.bytes} bytes, it has ${entry.end - entry.begin}`,
    );
  const bytes = new Uint8Array(entry.end - entry.begin);
  bytes.set(data.subarray(entry.begin, entry.end));
  return { shape: entry.shape, data: type.read(bytes.buffer) };
}

function entriesOf(header: Uint8Array, there: number): Entry[] {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (cause) {
    throw new ArrayFileError('the header is not JSON', { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new ArrayFileError('the header does not name tensors');
  const entries = Object.entries(json)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => entryOf(name, value));
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      throw new ArrayFileError(`'${name}' begins at byte ${begin}, and what is before it ends at ${at}`);
    at = end;
  }
  if (at !== there) throw new ArrayFileError(`the tensors have ${at} bytes, ${there} are there`);
  return entries;
}

const whole = (x: unknown): x is number => typeof x === 'number' && Number.isSafeInteger(x) && x >= 0;

function entryOf(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (
    typeof dtype !== 'string' ||
    !Array.isArray(shape) ||
    !shape.every(whole) ||
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every(whole) ||
    offsets[0] > offsets[1]
  )
    throw new ArrayFileError(`the header does not say what '${name}' is`);
  return { name, dtype, shape, begin: offsets[0], end: offsets[1] };
}

function booleans(bytes: Uint8Array): Float64Array {
  if (bytes.some((b) => b > 1)) throw new ArrayFileError('a BOOL is neither 0 nor 1');
  return Float64Array.from(bytes);
}
