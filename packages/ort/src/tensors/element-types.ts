/** Elements of tensors as numbers and back, by the types of onnxruntime-common; half precision as its bits. */
import { ArgumentError } from '@tacit/errors';
import { arrayOf, elementTypeOf, fromHalf, isElementType, toHalf } from '@tacit/onnx/element-types';
import type { TensorData } from '../client.js';

/** Arithmetic that a type follows. */
export type TypeKind = 'float' | 'int' | 'bool' | 'other';

/**
 * The name of a type in onnxruntime-common.
 * @param onnx its name in onnx.proto
 * @returns float32 for float, float64 for double, the same for others
 */
export const ortType = (onnx: string): string => elementTypeOf(onnx) ?? onnx;

/**
 * What arithmetic a type follows.
 * @param type as onnxruntime-common calls it
 * @returns other for text and types that nothing is computed with
 */
export function kindOf(type: string): TypeKind {
  if (!isElementType(type)) return 'other';
  return type === 'bool' ? type : type.startsWith('float') ? 'float' : 'int';
}

/**
 * Numbers as an array of a type; to whole ones they are rounded, true is what is above one half.
 * @param type as onnxruntime-common calls it
 * @param numbers the values
 * @returns a new array
 * @throws ArgumentError for a type without arithmetic
 */
export function dataOf(type: string, numbers: Float64Array): TensorData {
  if (!isElementType(type)) throw new ArgumentError(`nothing here computes tensors of type ${type}`);
  return type === 'float16' ? Uint16Array.from(numbers, toHalf) : arrayOf(type, numbers);
}

/**
 * Elements as doubles.
 * @param type as onnxruntime-common calls it
 * @param data the elements
 * @returns a new array; 64-bit integers beyond 2^53 are rounded
 * @throws ArgumentError for a type without arithmetic
 */
export function numbersIn(type: string, data: TensorData): Float64Array {
  if (!isElementType(type)) throw new ArgumentError(`nothing here computes tensors of type ${type}`);
  if (type === 'float16' && data instanceof Uint16Array) return Float64Array.from(data, fromHalf);
  return Float64Array.from(data as ArrayLike<number>, Number);
}
