// Elementwise operations, fused and not, one word at a time.
import type { Words } from '../words.js';
import { low, signed, wrap } from './word.js';

export const unaryOperations = {
  neg: (a: bigint) => -a,
  not: (a: bigint) => ~a,
} as const;

export const binaryOperations = {
  add: (a: bigint, b: bigint) => a + b,
  sub: (a: bigint, b: bigint) => a - b,
  mul: (a: bigint, b: bigint) => a * b,
  xor: (a: bigint, b: bigint) => a ^ b,
  and: (a: bigint, b: bigint) => a & b,
  or: (a: bigint, b: bigint) => a | b,
} as const;

export const scalarOperations = {
  addScalar: (a: bigint, s: bigint) => a + s,
  subScalar: (a: bigint, s: bigint) => a - s,
  subFromScalar: (a: bigint, s: bigint) => s - a,
  mulScalar: (a: bigint, s: bigint) => a * s,
} as const;

export const shiftOperations = {
  shl: (a: bigint, k: number) => a << BigInt(k),
  shrU: (a: bigint, k: number) => a >> BigInt(k),
  shrS: (a: bigint, k: number) => signed(a) >> BigInt(k),
  maskLow: (a: bigint, k: number) => low(a, k),
} as const;

/**
 * a * b + c
 * @param a first operand
 * @param b second operand
 * @param c third operand
 * @returns the result, not reduced
 */
export const mulAdd = (a: bigint, b: bigint, c: bigint): bigint => a * b + c;

/**
 * a + t * b
 * @param a first operand
 * @param t scalar factor
 * @param b second operand
 * @returns the result, not reduced
 */
export const addScaled = (a: bigint, t: bigint, b: bigint): bigint => a + t * b;

/**
 * k * a * b + c
 * @param a first operand
 * @param b second operand
 * @param c third operand
 * @param k scalar factor
 * @returns the result, not reduced
 */
export const scaledMulAdd = (a: bigint, b: bigint, c: bigint, k: bigint): bigint => k * a * b + c;

/**
 * Applies a function of one word of each input, modulo 2^64.
 * @param f function of one word of each input
 * @param inputs arrays of one length
 * @returns the results modulo 2^64
 */
export function map(f: (...words: bigint[]) => bigint, ...inputs: Words[]): Words {
  return inputs[0].map((_, i) => wrap(f(...inputs.map((input) => input[i]))));
}
