// Truncation of two shares on their own, see ../src/wraps.ts. Planes hold one bit an element: element i is bit (i & 63)
// of word (i >> 6).
import { twoBits } from './lanes';

// @ts-ignore: decorator
@inline
function twoSigns(x: usize, plus: v128): u64 {
  return i64x2.bitmask(i64x2.add(v128.load(x), plus));
}

/** plane = [x + plus < 2^63], `n` bits and zeros up to a multiple of 64. */
export function lowHalves(plane: usize, x: usize, n: i32, plus: u64): void {
  const more = i64x2.splat(plus);
  for (; n >= 64; n -= 64, plane += 8) {
    let signs: u64 = 0;
    for (let j = 0; j < 64; j += 16, x += 128) {
      const sixteen =
        twoSigns(x, more) | (twoSigns(x + 16, more) << 2) | (twoSigns(x + 32, more) << 4) |
        (twoSigns(x + 48, more) << 6) | (twoSigns(x + 64, more) << 8) | (twoSigns(x + 80, more) << 10) |
        (twoSigns(x + 96, more) << 12) | (twoSigns(x + 112, more) << 14);
      signs |= sixteen << j;
    }
    store<u64>(plane, ~signs);
  }
  if (n > 0) {
    let bits: u64 = 0;
    for (let j = 0; j < n; j++, x += 8) bits |= ((~(load<u64>(x) + plus)) >> 63) << j;
    store<u64>(plane, bits);
  }
}

/** out = 1 where both bits are, else 0: 32-bit numbers. */
export function bothBits(out: usize, a: usize, b: usize, n: i32): void {
  const position = i32x4(1, 2, 4, 8);
  for (let i = 0; i < n; i += 64, a += 8, b += 8) {
    let bits = load<u64>(a) & load<u64>(b);
    const end = min(64, n - i);
    let j = 0;
    for (; j + 4 <= end; j += 4, out += 16) {
      const four = v128.and(i32x4.splat(<i32>bits), position);
      v128.store(out, i32x4.shr_u(i32x4.eq(four, position), 31));
      bits >>= 4;
    }
    for (; j < end; j++, out += 4, bits >>= 1) store<u32>(out, <u32>bits & 1);
  }
}

// @ts-ignore: decorator
@inline
function lanes(x: v128, t: v128, own: u64, theirs: u64, both: u64, f: i32, bias: v128): v128 {
  const flip = twoBits(own ^ theirs);
  const isLow = v128.and(i64x2.gt_s(x, i64x2.splat(-1)), twoBits(theirs));
  // Masks are -1 where they hold.
  const q = i64x2.add(i64x2.sub(i64x2.sub(v128.xor(t, flip), flip), isLow), twoBits(both));
  return i64x2.add(i64x2.add(i64x2.shr_u(x, f), bias), i64x2.shl(q, 64 - f));
}

/** out = ((x + plus) >> f) + bias + 2^(64-f) q, with q as in ../src/wraps.ts; t has 32-bit numbers. */
export function wrapCombine(
  out: usize, x: usize, t: usize, own: usize, theirs: usize, n: i32, f: i32, first: i32, plus: u64, bias: u64,
): void {
  const more = i64x2.splat(plus);
  const lift = i64x2.splat(bias);
  let o: u64 = 0, p: u64 = 0, both: u64 = 0;
  let i = 0;
  for (; i + 2 <= n; i += 2, x += 16, out += 16, t += 8) {
    if ((i & 63) == 0) {
      o = load<u64>(own);
      p = load<u64>(theirs);
      both = first ? 0 : o & p;
      own += 8;
      theirs += 8;
    }
    const share = i64x2.add(v128.load(x), more);
    v128.store(out, lanes(share, i64x2.extend_low_i32x4_u(v128.load_zero<u64>(t)), o, p, both, f, lift));
    o >>= 2;
    p >>= 2;
    both >>= 2;
  }
  if (i < n) {
    if ((i & 63) == 0) {
      o = load<u64>(own);
      p = load<u64>(theirs);
      both = first ? 0 : o & p;
    }
    const share = i64x2.add(v128.load_zero<u64>(x), more);
    v128.store_lane<u64>(out, lanes(share, i64x2.splat(<i64>load<u32>(t)), o, p, both, f, lift), 0);
  }
}
