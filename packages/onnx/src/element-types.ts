/**
 * @packageDocumentation Element types as ONNX Runtime calls them, and arrays of each from numbers. Nothing of files or graphs,
 * so that a page may have it.
 */
export { fromHalf, toHalf } from './half.js';
export { DATA_TYPES } from './onnx-model.js';

/** How numbers of an input or output are kept outside. */
export type ElementType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'int64'
  | 'int32'
  | 'bool'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'uint64';

/** Types of which an array holds values. One of half precision holds bits. */
export type ValueType = Exclude<ElementType, 'float16'>;

/** Elements as ONNX Runtime takes and gives them. */
export type ElementArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

const round = (value: number): number => Math.round(value);
const wide = (value: number): bigint => (Number.isFinite(value) ? BigInt(Math.round(value)) : 0n);

const MAKERS: Readonly<Record<ValueType, (numbers: Float64Array) => ElementArray>> = {
  float32: (numbers) => Float32Array.from(numbers),
  float64: (numbers) => numbers.slice(),
  int64: (numbers) => BigInt64Array.from(numbers, wide),
  uint64: (numbers) => BigUint64Array.from(numbers, wide),
  int32: (numbers) => Int32Array.from(numbers, round),
  uint32: (numbers) => Uint32Array.from(numbers, round),
  int16: (numbers) => Int16Array.from(numbers, round),
  uint16: (numbers) => Uint16Array.from(numbers, round),
  int8: (numbers) => Int8Array.from(numbers, round),
  uint8: (numbers) => Uint8Array.from(numbers, round),
  bool: (numbers) => Uint8Array.from(numbers, (value) => (value > 0.5 ? 1 : 0)),
};

/**
 * Numbers as an array of a type; to whole ones they are rounded, true is what is above one half.
 * @param type of the elements
 * @param numbers the values; of 64 bits, what is not finite becomes 0
 * @returns a new array
 */
export const arrayOf = (type: ValueType, numbers: Float64Array): ElementArray => MAKERS[type](numbers);

/**
 * Whether a type is one that arithmetic is done with.
 * @param type any name
 * @returns false for texts and types that ONNX Runtime has no array for
 */
export const isElementType = (type: string): type is ElementType =>
  type === 'float16' || Object.hasOwn(MAKERS, type);

/**
 * A type as ONNX Runtime calls it.
 * @param onnx its name in onnx.proto, of DATA_TYPES
 * @returns undefined for texts and types that ONNX Runtime has no array for
 */
export function elementTypeOf(onnx: string | undefined): ElementType | undefined {
  const type = onnx === 'float' ? 'float32' : onnx === 'double' ? 'float64' : onnx;
  return type !== undefined && isElementType(type) ? type : undefined;
}
