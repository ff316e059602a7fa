// Arithmetic on four residues in the lanes of a vector. All lanes are unsigned.

/** High 32 bits of the products of the lanes. */
// @ts-ignore: decorator
@inline
export function mulHigh(a: v128, b: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(a, b);
  const high = i64x2.extmul_high_i32x4_u(a, b);
  return v128.shuffle<u32>(low, high, 1, 3, 5, 7);
}

/** a mod-minus m: a - m where a >= m, else a. */
// @ts-ignore: decorator
@inline
export function lower(a: v128, m: v128): v128 {
  return v128.min<u32>(a, v128.sub<u32>(a, m));
}

/** x + shift where x is above the threshold, else x. x and threshold below 2^31. */
// @ts-ignore: decorator
@inline
export function centred(x: v128, threshold: v128, shift: v128): v128 {
  return v128.add<u32>(x, v128.and(v128.gt<i32>(x, threshold), shift));
}

/**
 * Shoup's product: x * w modulo q, in [0, 2q), for any x below 2^32 and quotient = floor(w * 2^32 / q).
 */
// @ts-ignore: decorator
@inline
export function shoup(x: v128, w: v128, quotient: v128, q: v128): v128 {
  return v128.sub<u32>(v128.mul<u32>(x, w), v128.mul<u32>(mulHigh(x, quotient), q));
}

/**
 * Montgomery's reduction of four sums of products, two in each vector: sum / 2^32 modulo q, in [0, q).
 * The sums must be below 4q * 2^32. inverse = q^-1 modulo 2^32.
 */
// @ts-ignore: decorator
@inline
export function montgomery(low: v128, high: v128, q: v128, twoQ: v128, inverse: v128): v128 {
  const words = v128.shuffle<u32>(low, high, 0, 2, 4, 6);
  const tops = lower(v128.shuffle<u32>(low, high, 1, 3, 5, 7), twoQ);
  const carried = mulHigh(v128.mul<u32>(words, inverse), q);
  return lower(lower(v128.add<u32>(v128.sub<u32>(tops, carried), q), twoQ), q);
}

const CELL: usize = memory.data(16, 16);

/**
 * A value in all lanes, through memory. V8 moves a plain splat into the loops that use it, where it costs two shuffles each
 * time; a load stays where it is.
 */
// @ts-ignore: decorator
@inline
export function splat(value: u32): v128 {
  store<u32>(CELL, value);
  return v128.load32_splat(CELL);
}

/** A value in the upper halves of both 64-bit lanes, zero in the lower ones. */
// @ts-ignore: decorator
@inline
export function splatHigh(value: u32): v128 {
  store<u64>(CELL, (value as u64) << 32);
  return v128.load64_splat(CELL);
}
