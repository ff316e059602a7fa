/**
 * How the element types of TensorProto lie in bytes, and in which field those are that are not in `raw_data`
 * (onnx.proto, TensorProto.DataType and the comments of its fields).
 */
import { DATA_TYPES, OnnxFormatError } from '@tacit/onnx/protobuf';
import { WeightsError } from '../errors.js';

/** Field numbers of TensorProto that hold elements. */
export const FLOAT_DATA = 4;
export const INT32_DATA = 5;
export const INT64_DATA = 7;
export const RAW_DATA = 9;
export const DOUBLE_DATA = 10;
export const UINT64_DATA = 11;

/** An element type. */
export interface ElementType {
  readonly name: string;
  /** Bits of an element in `raw_data`; elements of fewer than 8 share bytes. */
  readonly bits: number;
  /** The field that holds elements where `raw_data` does not. */
  readonly field: number;
  /** Bytes that one entry of that field stands for. */
  readonly entryBytes: number;
  /** Whether entries that are varints have a sign, which is extended to 64 bits. */
  readonly signed: boolean;
}

const kind = (bits: number, field: number, entryBytes = bits / 8, signed = false) => ({
  bits,
  field,
  entryBytes,
  signed,
});

const KINDS: Readonly<Record<string, Omit<ElementType, 'name'>>> = {
  float: kind(32, FLOAT_DATA),
  complex64: kind(64, FLOAT_DATA, 4),
  double: kind(64, DOUBLE_DATA),
  complex128: kind(128, DOUBLE_DATA, 8),
  int32: kind(32, INT32_DATA, 4, true),
  int16: kind(16, INT32_DATA, 2, true),
  int8: kind(8, INT32_DATA, 1, true),
  uint16: kind(16, INT32_DATA),
  uint8: kind(8, INT32_DATA),
  bool: kind(8, INT32_DATA),
  float16: kind(16, INT32_DATA),
  bfloat16: kind(16, INT32_DATA),
  float8e4m3fn: kind(8, INT32_DATA),
  float8e4m3fnuz: kind(8, INT32_DATA),
  float8e5m2: kind(8, INT32_DATA),
  float8e5m2fnuz: kind(8, INT32_DATA),
  float8e8m0: kind(8, INT32_DATA),
  uint4: kind(4, INT32_DATA, 1),
  int4: kind(4, INT32_DATA, 1),
  float4e2m1: kind(4, INT32_DATA, 1),
  uint2: kind(2, INT32_DATA, 1),
  int2: kind(2, INT32_DATA, 1),
  int64: kind(64, INT64_DATA, 8, true),
  uint32: kind(32, UINT64_DATA),
  uint64: kind(64, UINT64_DATA),
};

/**
 * What there is to know of an element type.
 * @param dataType its number in onnx.proto
 * @param label the tensor, in errors
 * @returns the type
 * @throws WeightsError (`WEIGHTS_TYPE`) for strings; OnnxFormatError for a number that is none
 */
export function elementType(dataType: number, label: string): ElementType {
  const name = DATA_TYPES[dataType];
  if (name === undefined) throw new OnnxFormatError(`The ${label} has unknown element type ${dataType}.`);
  if (!Object.hasOwn(KINDS, name))
    throw new WeightsError(
      'WEIGHTS_TYPE',
      `the ${label} holds elements of type ${name}, which are no bits of fixed size`,
    );
  return { name, ...KINDS[name] };
}

/**
 * How many bytes the elements of a tensor take.
 * @param type their type
 * @param shape sizes of the axes
 * @returns the bytes, the last of which may hold fewer elements than it could
 */
export function byteLength({ bits }: ElementType, shape: readonly number[]): number {
  return Math.ceil((shape.reduce((size, dim) => size * dim, 1) * bits) / 8);
}
