/**
 * Floating-point numbers as their bits: float16, float32 and double of IEEE 754. A value is written with one rounding, to
 * nearest, ties to even; bits of NaNs and the sign of 0 are kept, since nothing but bits is ever copied.
 */
import { fromFloat16 } from '@tacit/files';
import { toHalf } from '@tacit/onnx/element-types';

/** Types of weights that a lock can move, by their names in ONNX. */
export type FloatType = 'float16' | 'float' | 'double';

/** Bytes of a number. */
export const FLOAT_BYTES: Readonly<Record<FloatType, number>> = { float16: 2, float: 4, double: 8 };

/** Whether numbers of a type of ONNX can be moved. */
export const isFloatType = (type: string): type is FloatType => Object.hasOwn(FLOAT_BYTES, type);

/**
 * Little-endian bytes as numbers, each exactly.
 * @param bytes of the numbers, one after the other
 * @param type their type
 * @returns a double for each
 * @example numbersOfBytes(Uint8Array.of(0, 0x3c), 'float16'); // Float64Array [ 1 ]
 */
export function numbersOfBytes(bytes: Uint8Array, type: FloatType): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = FLOAT_BYTES[type];
  const count = Math.floor(bytes.byteLength / size);
  if (type === 'float16')
    return Float64Array.from(
      fromFloat16(Uint16Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true))),
    );
  return Float64Array.from({ length: count }, (_, i) =>
    type === 'float' ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true),
  );
}

/**
 * The bits of the number of a type that is nearest to a value.
 * @param value any number
 * @param type what it becomes
 * @returns its bits
 * @example bitsOf(1, 'float').toString(16); // '3f800000'
 */
export function bitsOf(value: number, type: FloatType): bigint {
  if (type === 'float16') return BigInt(toHalf(value));
  const view = new DataView(new ArrayBuffer(8));
  if (type === 'float') {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/**
 * The number that bits stand for.
 * @param bits of a number of the type
 * @param type of the number
 * @returns the number
 * @example numberOf(0x3c00n, 'float16'); // 1
 */
export function numberOf(bits: bigint, type: FloatType): number {
  if (type === 'float16') return fromFloat16(Uint16Array.of(Number(bits)))[0];
  const view = new DataView(new ArrayBuffer(8));
  if (type === 'float') {
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
  }
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/**
 * Bits as they are in a file.
 * @param bytes of numbers, little-endian
 * @param index of a number
 * @param type of the numbers
 * @returns its bits
 */
export function readBits(bytes: Uint8Array, index: number, type: FloatType): bigint {
  const size = FLOAT_BYTES[type];
  let bits = 0n;
  for (let i = size - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(bytes[index * size + i]);
  return bits;
}

/**
 * Puts bits into a file.
 * @param bytes of numbers, little-endian; changed
 * @param index of a number
 * @param type of the numbers
 * @param bits that take the place of its own
 */
export function writeBits(bytes: Uint8Array, index: number, type: FloatType, bits: bigint): void {
  const size = FLOAT_BYTES[type];
  for (let i = 0; i < size; i++) bytes[index * size + i] = Number((bits >> BigInt(8 * i)) & 255n);
}

/**
 * The number of a type that is nearest to a value, among those within bounds: rounding takes no weight out of its bounds.
 * @param value within the bounds
 * @param type of the number
 * @param low least number that is allowed
 * @param high greatest number that is allowed
 * @returns the number, or undefined where none of the type is within the bounds
 * @example roundWithin(0.1, 'float', 0, 0.1); // 0.09999999403953552: the nearest one is above 0.1
 */
export function roundWithin(value: number, type: FloatType, low: number, high: number): number | undefined {
  const nearest = numberOf(bitsOf(value, type), type);
  const rounded =
    nearest < low ? beside(nearest, type, 1) : nearest > high ? beside(nearest, type, -1) : nearest;
  return rounded >= low && rounded <= high ? rounded : undefined;
}

/** The next number of the type above (1) or below (-1) a finite one. */
function beside(value: number, type: FloatType, direction: 1 | -1): number {
  const size = BigInt(8 * FLOAT_BYTES[type]);
  const sign = 1n << (size - 1n);
  const bits = bitsOf(value, type);
  // In the order of the numbers: magnitudes of negative ones count down from 0.
  const place = (bits & sign ? -(bits & (sign - 1n)) : bits) + BigInt(direction);
  return numberOf(place < 0n ? sign | -place : place, type);
}
