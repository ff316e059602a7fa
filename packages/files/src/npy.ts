/**
 * NumPy's .npy files: a strict reader and a writer.
 *
 * Source: NEP 1 and numpy.lib.format, versions 1.0, 2.0 and 3.0. Reads f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 and bool, either
 * byte order, C and Fortran order; anything else, and any byte too few or too many, is an NpyFormatError. Writes
 * version 1.0 in C order, little-endian. Cost: one pass; data in native order and C layout is copied once.
 *
 * npyjs was considered: it does not validate what it reads (lengths, header, layout), and a wrong shape would become a
 * wrong result without a word.
 */
import { NpyFormatError } from './errors.js';
import { fromFloat16 } from './half.js';
import { parseHeader } from './npy-header.js';

export type NpyDtype =
  | 'float16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool';

export type NpyData =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

export interface NpyArray {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Row-major (C order), whatever the order in the file; bool as bytes 0 and 1, float16 as float32. */
  readonly data: NpyData;
}

interface ElementType {
  readonly dtype: NpyDtype;
  readonly bytes: number;
  readonly view: (buffer: ArrayBuffer) => NpyData;
}

const TYPES: Readonly<Record<string, ElementType>> = {
  f2: { dtype: 'float16', bytes: 2, view: (b) => fromFloat16(new Uint16Array(b)) },
  f4: { dtype: 'float32', bytes: 4, view: (b) => new Float32Array(b) },
  f8: { dtype: 'float64', bytes: 8, view: (b) => new Float64Array(b) },
  i1: { dtype: 'int8', bytes: 1, view: (b) => new Int8Array(b) },
  i2: { dtype: 'int16', bytes: 2, view: (b) => new Int16Array(b) },
  i4: { dtype: 'int32', bytes: 4, view: (b) => new Int32Array(b) },
  i8: { dtype: 'int64', bytes: 8, view: (b) => new BigInt64Array(b) },
  u1: { dtype: 'uint8', bytes: 1, view: (b) => new Uint8Array(b) },
  u2: { dtype: 'uint16', bytes: 2, view: (b) => new Uint16Array(b) },
  u4: { dtype: 'uint32', bytes: 4, view: (b) => new Uint32Array(b) },
  u8: { dtype: 'uint64', bytes: 8, view: (b) => new BigUint64Array(b) },
  b1: { dtype: 'bool', bytes: 1, view: (b) => new Uint8Array(b) },
};
const LITTLE_ENDIAN_HOST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Reads a whole .npy file.
 * @param file the bytes of the file
 * @returns type, shape and row-major elements
 * @throws NpyFormatError where it is damaged or holds something other than numbers
 * @example const { shape, data } = parseNpy(await readWhole('x.npy'));
 */
export function parseNpy(file: Uint8Array): NpyArray {
  const { descr, fortranOrder, shape, dataOffset } = parseHeader(file);
  const order = descr.charAt(0);
  const type = '<>|='.includes(order) ? TYPES[descr.slice(1)] : undefined;
  if (type === undefined)
    throw new NpyFormatError(
      `the elements are of type '${descr}'; float16, float32, float64, integers of 8 to 64 bits and bool can be read`,
    );
  if (order === '|' && type.bytes > 1) throw new NpyFormatError(`the type '${descr}' has no byte order`);
  const size = elementCount(shape);
  const expected = size * type.bytes;
  const there = file.byteLength - dataOffset;
  if (there !== expected)
    throw new NpyFormatError(
      `the file is ${there < expected ? 'cut off' : 'too long'}: shape [${shape}] of ${type.dtype} needs ` +
        `${expected} bytes, ${there} are there`,
    );
  const bytes = new Uint8Array(expected);
  bytes.set(file.subarray(dataOffset));
  const foreign = LITTLE_ENDIAN_HOST ? order === '>' : order === '<';
  if (foreign) swapBytes(bytes, type.bytes);
  if (type.dtype === 'bool' && bytes.some((b) => b > 1))
    throw new NpyFormatError('a bool is neither 0 nor 1');
  const ordered = fortranOrder ? toRowMajor(bytes, shape, type.bytes) : bytes;
  return { dtype: type.dtype, shape, data: type.view(ordered.buffer) };
}

/**
 * The elements as doubles.
 * @param array an array as from parseNpy
 * @returns its elements; the same memory where they are doubles already
 * @throws NpyFormatError where a double cannot hold a 64-bit integer
 * @example const numbers = npyNumbers(parseNpy(bytes));
 */
export function npyNumbers({ data }: NpyArray): Float64Array {
  if (data instanceof Float64Array) return data;
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return Float64Array.from(data);
  return integersAsDoubles(data);
}

/** @throws NpyFormatError where a double cannot hold an integer */
export function integersAsDoubles(data: BigInt64Array | BigUint64Array): Float64Array {
  const numbers = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    numbers[i] = Number(data[i]);
    if (!Number.isSafeInteger(numbers[i]))
      throw new NpyFormatError(`element ${i} is an integer beyond 2^53, which a double cannot hold`);
  }
  return numbers;
}

/**
 * A .npy file of version 1.0.
 * @param shape sizes of the axes
 * @param data elements, row-major
 * @returns the bytes of the file
 * @throws NpyFormatError where the elements do not fill the shape
 * @example writeAtomically('y.npy', encodeNpy([2], Float32Array.of(1, 2)));
 */
export function encodeNpy(
  shape: readonly number[],
  data: Float32Array | Float64Array | BigInt64Array | Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (elementCount(shape) !== data.length)
    throw new NpyFormatError(`${data.length} elements do not fill the shape [${shape}]`);
  const descr = descrOf(data);
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const unpadded = 10 + dictionary.length + 1;
  const header = `${dictionary}${' '.repeat((64 - (unpadded % 64)) % 64)}\n`;
  if (header.length > 0xffff) throw new NpyFormatError('the shape has too many axes for a .npy file');
  const file = new Uint8Array(10 + header.length + data.byteLength);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  for (let i = 0; i < header.length; i++) file[10 + i] = header.charCodeAt(i);
  const body = file.subarray(10 + header.length);
  body.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (!LITTLE_ENDIAN_HOST) swapBytes(body, data.BYTES_PER_ELEMENT);
  return file;
}

function descrOf(data: Float32Array | Float64Array | BigInt64Array | Uint8Array): string {
  if (data instanceof Uint8Array) return '|u1';
  if (data instanceof BigInt64Array) return '<i8';
  return data instanceof Float32Array ? '<f4' : '<f8';
}

function elementCount(shape: readonly number[]): number {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (!Number.isSafeInteger(size) || size > 2 ** 40)
    throw new NpyFormatError(`the shape [${shape}] has more elements than any file could hold`);
  return size;
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** Elements from column-major to row-major order. */
function toRowMajor(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length);
  const strides: number[] = [];
  let stride = 1;
  for (const dimension of shape) {
    strides.push(stride);
    stride *= dimension;
  }
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < bytes.length; to += width) {
    for (let i = 0; i < width; i++) out[to + i] = bytes[from * width + i];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}
