// Sums of sines of a masked angle. Angles are fractions of a turn: 2^32 is a whole one, so that they wrap by
// themselves. Values are f32, whose arithmetic is the same on all machines: parties must compute equal coefficients.
// A table has one entry a term: the frequency (i32) and the scale of its values (f32).

/** Adding it leaves a small f32, rounded to the nearest integer, in the low bits. */
const ROUND: f32 = 12582912; // 1.5 * 2^23
const ROUND_BITS: i32 = 0x4b400000;

/** sin(2 pi p / 2^32) in each 32-bit lane, at most 6e-7 off. */
// @ts-ignore: decorator
@inline
function sine(p: v128): v128 {
  // Past a quarter turn: mirrored at it.
  const far = i32x4.shr_s(i32x4.add(p, i32x4.splat(0x40000000)), 31);
  const folded = v128.bitselect(i32x4.sub(i32x4.splat(<i32>0x80000000), p), p, far);
  const v = f32x4.mul(f32x4.convert_i32x4_s(folded), f32x4.splat(9.31322574615478515625e-10)); // 2^-30
  const s = f32x4.mul(v, v);
  let y = f32x4.add(f32x4.mul(s, f32x4.splat(-0.00433305)), f32x4.splat(0.07943418));
  y = f32x4.add(f32x4.mul(s, y), f32x4.splat(-0.64589268));
  y = f32x4.add(f32x4.mul(s, y), f32x4.splat(1.57079097));
  return f32x4.mul(v, y);
}

/** Integers nearest to value * scale, for products below 2^22. */
// @ts-ignore: decorator
@inline
function scaled(value: v128, scale: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(value, scale), f32x4.splat(ROUND)), i32x4.splat(ROUND_BITS));
}

/** Angles of four words: their bits from `shift` on, or from below bit 0 if it is negative. */
// @ts-ignore: decorator
@inline
function angles(x01: v128, x23: v128, shift: i32): v128 {
  if (shift < 0) {
    x01 = i64x2.shl(x01, -shift);
    x23 = i64x2.shl(x23, -shift);
  } else {
    x01 = i64x2.shr_u(x01, shift);
    x23 = i64x2.shr_u(x23, shift);
  }
  return v128.shuffle<i32>(x01, x23, 0, 2, 4, 6);
}

/** The two halves of the four words of a term, multiplied by its sine and cosine. */
// @ts-ignore: decorator
@inline
function term(acc: v128, angle: v128, table: usize, w01: v128, w23: v128): v128 {
  const p = i32x4.mul(angle, v128.load32_splat(table));
  const scale = v128.load32_splat(table, 4);
  const sin = scaled(sine(p), scale);
  const cos = scaled(sine(i32x4.add(p, i32x4.splat(0x40000000))), scale);
  const low = v128.shuffle<i32>(w01, w23, 0, 2, 4, 6);
  const high = v128.shuffle<i32>(w01, w23, 1, 3, 5, 7);
  return i32x4.add(acc, i32x4.add(i32x4.mul(sin, low), i32x4.mul(cos, high)));
}

/**
 * out = sum over the terms of sin * low half + cos * high half of the term's words, mod 2^32. The words of a term
 * follow those of the term before, n each.
 */
export function sineSum(out: usize, x: usize, pairs: usize, n: i32, shift: i32, table: usize, terms: i32): void {
  const stride = (<usize>n) << 3;
  const end = table + ((<usize>terms) << 3);
  const zero = i64x2.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 3;
    const angle = angles(v128.load(x + at), v128.load(x + at, 16), shift);
    let acc = zero;
    let w = pairs + at;
    for (let entry = table; entry < end; entry += 8) {
      acc = term(acc, angle, entry, v128.load(w), v128.load(w, 16));
      w += stride;
    }
    v128.store(out + at, v128.shuffle<i32>(acc, zero, 0, 4, 1, 5));
    v128.store(out + at, v128.shuffle<i32>(acc, zero, 2, 6, 3, 7), 16);
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    const angle = angles(v128.load_zero<u64>(x + at), zero, shift);
    let acc = zero;
    let w = pairs + at;
    for (let entry = table; entry < end; entry += 8) {
      acc = term(acc, angle, entry, v128.load_zero<u64>(w), zero);
      w += stride;
    }
    v128.store_lane<u64>(out + at, v128.shuffle<i32>(acc, zero, 0, 4, 1, 5), 0);
  }
}

/** Halves of the words of a term: cosine low, minus sine high. */
// @ts-ignore: decorator
@inline
function cosine(p: v128, scale: v128): v128 {
  return scaled(sine(i32x4.add(p, i32x4.splat(0x40000000))), scale);
}

/** What sineSum needs of a mask: for each term, cos in the low half and -sin in the high half of n words. */
export function sinePairs(out: usize, x: usize, n: i32, shift: i32, table: usize, terms: i32): void {
  const stride = (<usize>n) << 3;
  const end = table + ((<usize>terms) << 3);
  const zero = i64x2.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 3;
    const angle = angles(v128.load(x + at), v128.load(x + at, 16), shift);
    let w = out + at;
    for (let entry = table; entry < end; entry += 8) {
      const p = i32x4.mul(angle, v128.load32_splat(entry));
      const scale = v128.load32_splat(entry, 4);
      const low = cosine(p, scale);
      const high = i32x4.neg(scaled(sine(p), scale));
      v128.store(w, v128.shuffle<i32>(low, high, 0, 4, 1, 5));
      v128.store(w, v128.shuffle<i32>(low, high, 2, 6, 3, 7), 16);
      w += stride;
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    const angle = angles(v128.load_zero<u64>(x + at), zero, shift);
    let w = out + at;
    for (let entry = table; entry < end; entry += 8) {
      const p = i32x4.mul(angle, v128.load32_splat(entry));
      const scale = v128.load32_splat(entry, 4);
      const high = i32x4.neg(scaled(sine(p), scale));
      v128.store_lane<u64>(w, v128.shuffle<i32>(cosine(p, scale), high, 0, 4, 1, 5), 0);
      w += stride;
    }
  }
}

/** out = a - b in each half of the words. */
export function subHalves(out: usize, a: usize, b: usize, n: i32): void {
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const at = (<usize>i) << 3;
    v128.store(out + at, i32x4.sub(v128.load(a + at), v128.load(b + at)));
  }
  if (i < n) {
    const at = (<usize>i) << 3;
    v128.store_lane<u64>(out + at, i32x4.sub(v128.load_zero<u64>(a + at), v128.load_zero<u64>(b + at)), 0);
  }
}
