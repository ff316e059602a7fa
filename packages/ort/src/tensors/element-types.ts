/** Element types of tensors as onnxruntime-common calls them, and arrays of each from and to numbers. */
import { ArgumentError } from '@tacit/errors';
import type { TensorData } from '../client.js';

/** Arithmetic that a type follows. */
export type TypeKind = 'float' | 'int' | 'bool' | 'other';

/**
 * The name of a type in onnxruntime-common.
 * @param onnx its name in onnx.proto
 * @returns float32 for float, float64 for double, the same for others
 */
export const ortType = (onnx: string): string =>
  onnx === 'float' ? 'float32' : onnx === 'double' ? 'float64' : onnx;

const wide = (value: number): bigint => (Number.isFinite(value) ? BigInt(Math.round(value)) : 0n);
const round = (value: number): number => Math.round(value);

type Make = (numbers: Float64Array) => TensorData;

const MAKERS: Readonly<Record<string, readonly [TypeKind, Make]>> = {
  float32: ['float', (numbers) => Float32Array.from(numbers)],
  float64: ['float', (numbers) => numbers.slice()],
  float16: ['float', (numbers) => Uint16Array.from(numbers, toHalf)],
  int64: ['int', (numbers) => BigInt64Array.from(numbers, wide)],
  uint64: ['int', (numbers) => BigUint64Array.from(numbers, wide)],
  int32: ['int', (numbers) => Int32Array.from(numbers, round)],
  uint32: ['int', (numbers) => Uint32Array.from(numbers, round)],
  int16: ['int', (numbers) => Int16Array.from(numbers, round)],
  uint16: ['int', (numbers) => Uint16Array.from(numbers, round)],
  int8: ['int', (numbers) => Int8Array.from(numbers, round)],
  uint8: ['int', (numbers) => Uint8Array.from(numbers, round)],
  bool: ['bool', (numbers) => Uint8Array.from(numbers, (value) => (value > 0.5 ? 1 : 0))],
};

/**
 * What arithmetic a type follows.
 * @param type as onnxruntime-common calls it
 * @returns other for text and types that nothing is computed with
 */
export const kindOf = (type: string): TypeKind => (Object.hasOwn(MAKERS, type) ? MAKERS[type][0] : 'other');

/**
 * Numbers as an array of a type; to whole ones they are rounded, true is what is above one half.
 * @param type as onnxruntime-common calls it
 * @param numbers the values
 * @returns a new array
 * @throws ArgumentError for a type without arithmetic
 */
export function dataOf(type: string, numbers: Float64Array): TensorData {
  if (!Object.hasOwn(MAKERS, type)) throw new ArgumentError(`nothing here computes tensors of type ${type}`);
  return MAKERS[type][1](numbers);
}

/**
 * Elements as doubles.
 * @param type as onnxruntime-common calls it
 * @param data the elements
 * @returns a new array; 64-bit integers beyond 2^53 are rounded
 * @throws ArgumentError for a type without arithmetic
 */
export function numbersIn(type: string, data: TensorData): Float64Array {
  if (kindOf(type) === 'other') throw new ArgumentError(`nothing here computes tensors of type ${type}`);
  if (type === 'float16' && data instanceof Uint16Array) return Float64Array.from(data, fromHalf);
  return Float64Array.from(data as ArrayLike<number>, Number);
}

/** IEEE 754 binary16 bits to the value. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The value to the nearest binary16, ties to even. */
function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -24)));
  // Log2 may be off by one at powers of two.
  const exact =
    size >= 2 ** (exponent + 1)
      ? exponent + 1
      : size < 2 ** exponent
        ? Math.max(-14, exponent - 1)
        : exponent;
  const scaled = size / 2 ** (exact - 10);
  const down = Math.floor(scaled);
  const rest = scaled - down;
  const steps = down + (rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? 1 : 0);
  return sign | (steps < 1024 ? steps : ((exact + 14) << 10) + steps);
}
