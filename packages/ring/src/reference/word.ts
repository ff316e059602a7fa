// Arithmetic on one word, by BigInt: the definition that all kernels are held to.

export const MASK = (1n << 64n) - 1n;

/** x modulo 2^64 */
export const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);

/** x as a signed number in [-2^63, 2^63) */
export const signed = (x: bigint): bigint => BigInt.asIntN(64, x);

/** x modulo 2^bits */
export const low = (x: bigint, bits: number): bigint => BigInt.asUintN(bits, x);
