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
