// What the dealer knows of a truncated value, see ../src/floors.ts for the formulas. r = r' + 2^(l-1) r_t modulo 2^l.

// @ts-ignore: decorator
@inline
function topSign(r: u64, top: i32): u64 {
  return 1 - (((r >> top) & 1) << 1);
}

// @ts-ignore: decorator
@inline
function firstFloor(r: u64, low: u64, f: i32, top: i32): u64 {
  return (((r >> top) & 1) << (top - f)) - ((r & low) >> f);
}

// @ts-ignore: decorator
@inline
function topBits(r: v128, top: i32): v128 {
  return v128.and(i64x2.shr_u(r, top), i64x2.splat(1));
}

// @ts-ignore: decorator
@inline
function firstFloors(r: v128, bits: v128, low: v128, f: i32, top: i32): v128 {
  return i64x2.sub(i64x2.shl(bits, top - f), i64x2.shr_u(v128.and(r, low), f));
}

/** t0 = 2^(l-1-f) r_t - (r' >> f), t1 = t0 + 2^(l-1-f) (1 - 2 r_t) */
export function maskedFloors(t0: usize, t1: usize, r: usize, n: i32, l: i32, f: i32): void {
  const top = l - 1;
  const low = ((<u64>1) << top) - 1;
  const lows = i64x2.splat(low);
  const one = i64x2.splat(1);
  const whole = r + ((<usize>(n & ~1)) << 3);
  while (r < whole) {
    const words = v128.load(r);
    const bits = topBits(words, top);
    const floors = firstFloors(words, bits, lows, f, top);
    const signs = i64x2.sub(one, i64x2.add(bits, bits));
    v128.store(t1, i64x2.add(floors, i64x2.shl(signs, top - f)));
    v128.store(t0, floors);
    r += 16;
    t0 += 16;
    t1 += 16;
  }
  if (n & 1) {
    const word = load<u64>(r);
    const floor = firstFloor(word, low, f, top);
    store<u64>(t1, floor + (topSign(word, top) << (top - f)));
    store<u64>(t0, floor);
  }
}

/** The same, but 1 - 2 r_t modulo 2^32 in place of t1. */
export function floorSteps(t0: usize, steps: usize, r: usize, n: i32, l: i32, f: i32): void {
  const top = l - 1;
  const low = ((<u64>1) << top) - 1;
  const lows = i64x2.splat(low);
  const one = i32x4.splat(1);
  const whole = r + ((<usize>(n & ~3)) << 3);
  const end = r + ((<usize>n) << 3);
  while (r < whole) {
    const first = v128.load(r);
    const second = v128.load(r, 16);
    const firstBits = topBits(first, top);
    const secondBits = topBits(second, top);
    const bits = v128.shuffle<i32>(firstBits, secondBits, 0, 2, 4, 6);
    v128.store(steps, i32x4.sub(one, i32x4.add(bits, bits)));
    v128.store(t0, firstFloors(first, firstBits, lows, f, top));
    v128.store(t0, firstFloors(second, secondBits, lows, f, top), 16);
    r += 32;
    t0 += 32;
    steps += 16;
  }
  while (r < end) {
    const word = load<u64>(r);
    store<u32>(steps, <u32>topSign(word, top));
    store<u64>(t0, firstFloor(word, low, f, top));
    r += 8;
    t0 += 8;
    steps += 4;
  }
}

/** out = t0 + steps * 2^shift */
export function addSteps(out: usize, t0: usize, steps: usize, n: i32, shift: i32): void {
  const whole = t0 + ((<usize>(n & ~3)) << 3);
  const end = t0 + ((<usize>n) << 3);
  while (t0 < whole) {
    const four = v128.load(steps);
    v128.store(out, i64x2.add(v128.load(t0), i64x2.shl(i64x2.extend_low_i32x4_u(four), shift)));
    v128.store(out, i64x2.add(v128.load(t0, 16), i64x2.shl(i64x2.extend_high_i32x4_u(four), shift)), 16);
    t0 += 32;
    out += 32;
    steps += 16;
  }
  while (t0 < end) {
    store<u64>(out, load<u64>(t0) + ((<u64>load<u32>(steps)) << shift));
    t0 += 8;
    out += 8;
    steps += 4;
  }
}

/** out = steps where the word of bits is 1, 0 where it is 0 */
export function selectSteps(out: usize, steps: usize, bits: usize, n: i32): void {
  const end = bits + ((<usize>n) << 3);
  while (bits < end) {
    store<u32>(out, load<u32>(steps) * <u32>load<u64>(bits));
    out += 4;
    steps += 4;
    bits += 8;
  }
}
