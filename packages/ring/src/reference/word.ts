// Arithmetic on one word, by BigInt: the definition that all kernels are held to.

export const MASK = (1n << 64n) - 1n;

/**
 * x modulo 2^64
 * @param x any integer
 * @returns an integer from 0 to 2^64 - 1
 */
export const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);

/**
 * x as a signed number in [-2^63, 2^63)
 * @param x any integer
 * @returns the signed integer
 */
export const signed = (x: bigint): bigint => BigInt.asIntN(64, x);

/**
 * x modulo 2^bits
 * @param x any integer
 * @param bits how many low bits count, 0 to 64
 * @returns an integer from 0 to 2^bits - 1
 */
export const low = (x: bigint, bits: number): bigint => BigInt.asUintN(bits, x);
