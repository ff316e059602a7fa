/**
 * TensorProto to numbers: every numeric element type to doubles (exact for all but 64-bit integers beyond 2^53,
 * which become ±Infinity), those in single precision when they are first asked for. The number of elements must match the shape, so nothing larger than the file's own
 * data is ever allocated.
 */
import { type Numbers, withSingles } from '@tacit/graph';
import { OnnxFormatError } from './errors.js';
import { fromHalf } from './half.js';
import { MessageReader } from './message-reader.js';
import { isNarrow, readNarrow } from './narrow-types.js';
import { DATA_TYPES, type OnnxTensor } from './onnx-model.js';

const MAX_RANK = 32;
const EXTERNAL = 1;

/** Reads a TensorProto. Throws `OnnxFormatError`, also for data kept outside the file. */
export function parseTensor(bytes: Uint8Array): OnnxTensor {
  const reader = new MessageReader(bytes, 'TensorProto');
  const shape: number[] = [];
  const numbers: number[] = [];
  let name = '';
  let dataType = 0;
  let raw: Uint8Array | undefined;
  let external = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) reader.ints(shape);
    else if (field === 2) dataType = reader.int();
    else if (field === 4) reader.floats(numbers);
    else if (field === 5 || field === 7) reader.ints(numbers);
    else if (field === 8) name = reader.string();
    else if (field === 9) raw = reader.bytes();
    else if (field === 10) reader.doubles(numbers);
    else if (field === 11) reader.ints(numbers, true);
    else if (field === 13) {
      external = true;
      reader.skip();
    } else if (field === 14) {
      if (reader.int() === EXTERNAL) external = true;
    } else reader.skip();
  }
  const label = `tensor ${JSON.stringify(name)}`;
  const typeName = DATA_TYPES[dataType];
  if (typeName === undefined) throw new OnnxFormatError(`The ${label} has unknown element type ${dataType}.`);
  if (external) {
    throw new OnnxFormatError(
      `The data of ${label} lies in another file (external data). Give the path of the model, beside which that file is, ` +
        'or make one file of both by withExternalData of @tacit/onnx.',
    );
  }
  if (shape.length > MAX_RANK) throw new OnnxFormatError(`The ${label} has ${shape.length} dimensions.`);
  const size = elementCount(shape, label);
  const data = isNarrow(typeName)
    ? readNarrow(typeName, raw ?? numbers, size)
    : raw === undefined
      ? fromNumbers(numbers, typeName)
      : typeName === 'float'
        ? singlesFrom(raw, label)
        : fromRaw(raw, typeName, label);
  if (data.length !== size) {
    throw new OnnxFormatError(
      `The ${label} has shape [${shape.join(', ')}], which is ${size} elements, but holds ${data.length}.`,
    );
  }
  const fields = { name, dataType, shape };
  return data instanceof Float32Array ? withSingles(fields, data) : { ...fields, data };
}

function elementCount(shape: readonly number[], label: string): number {
  let size = 1;
  for (const dim of shape) {
    if (!Number.isSafeInteger(dim) || dim < 0)
      throw new OnnxFormatError(`The ${label} has a dimension of ${dim}.`);
    size *= dim;
  }
  return size;
}

/** The typed fields: 16-bit floats travel as their bit patterns in int32_data, all else as values. */
function fromNumbers(numbers: readonly number[], type: string): Numbers {
  if (type === 'float') return Float32Array.from(numbers);
  if (type === 'float16') return Float32Array.from(numbers, fromHalf);
  if (type === 'bfloat16') return Float32Array.from(numbers, bfloatToNumber);
  return Float64Array.from(numbers);
}

interface RawFormat {
  readonly width: number;
  read(view: DataView, offset: number): number;
}

const RAW_FORMATS: Readonly<Record<string, RawFormat>> = {
  double: { width: 8, read: (view, at) => view.getFloat64(at, true) },
  float16: { width: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  bfloat16: { width: 2, read: (view, at) => bfloatToNumber(view.getUint16(at, true)) },
  int8: { width: 1, read: (view, at) => view.getInt8(at) },
  uint8: { width: 1, read: (view, at) => view.getUint8(at) },
  bool: { width: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  int16: { width: 2, read: (view, at) => view.getInt16(at, true) },
  uint16: { width: 2, read: (view, at) => view.getUint16(at, true) },
  int32: { width: 4, read: (view, at) => view.getInt32(at, true) },
  uint32: { width: 4, read: (view, at) => view.getUint32(at, true) },
  int64: { width: 8, read: (view, at) => wide(view.getInt32(at + 4, true), view.getUint32(at, true)) },
  uint64: { width: 8, read: (view, at) => wide(view.getUint32(at + 4, true), view.getUint32(at, true)) },
};

/** A copy, so that the file need not be kept. Little-endian, as words are in messages. */
function singlesFrom(raw: Uint8Array, label: string): Float32Array {
  checkWidth(raw, 4, label);
  return new Float32Array(new Uint8Array(raw).buffer);
}

function checkWidth(raw: Uint8Array, width: number, label: string): void {
  if (raw.length % width !== 0)
    throw new OnnxFormatError(`The ${label} holds ${raw.length} bytes, which is not a multiple of ${width}.`);
}

function fromRaw(raw: Uint8Array, type: string, label: string): Numbers {
  const format = RAW_FORMATS[type];
  if (format === undefined) throw new OnnxFormatError(`The ${label} has elements of type ${type}.`);
  checkWidth(raw, format.width, label);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const count = raw.length / format.width;
  const data = type.endsWith('float16') ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < data.length; i++) data[i] = format.read(view, i * format.width);
  return data;
}

function wide(high: number, low: number): number {
  const value = high * 2 ** 32 + low;
  return Number.isSafeInteger(value) ? value : value > 0 ? Infinity : -Infinity;
}

/** bfloat16 bit pattern (the upper half of a binary32) to its value. */
function bfloatToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, (bits << 16) >>> 0);
  return view.getFloat32(0);
}
