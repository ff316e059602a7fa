// The local last step of truncation, ReLU and selection. c is public modulo 2^width; c' is its low width-1 bits,
// s its top bit. e is a bit plane: element i is bit (i & 63) of word (i >> 6).
import { twoBits } from './lanes';

// @ts-ignore: decorator
@inline
function low(bits: i32): u64 {
  return bits >= 64 ? ~(<u64>0) : ((<u64>1) << bits) - 1;
}

// @ts-ignore: decorator
@inline
function truncLanes(c: v128, t0: v128, t1: v128, up: i32, f: i32, lowMask: v128, firstMask: v128, bias: v128): v128 {
  const top = i64x2.shr_s(i64x2.shl(c, up), 63);
  const shifted = i64x2.sub(i64x2.shr_u(v128.and(c, lowMask), f), bias);
  return i64x2.add(v128.bitselect(t1, t0, top), v128.and(shifted, firstMask));
}

export function truncCombine(
  out: usize, c: usize, t0: usize, t1: usize, n: i32, width: i32, f: i32, first: i32,
): void {
  const up = 64 - width;
  const lowMask = i64x2.splat(low(width - 1));
  const firstMask = i64x2.splat(first ? -1 : 0);
  const bias = i64x2.splat((<u64>1) << (width - 2 - f));
  const whole = c + ((<usize>(n & ~1)) << 3);
  while (c < whole) {
    v128.store(out, truncLanes(v128.load(c), v128.load(t0), v128.load(t1), up, f, lowMask, firstMask, bias));
    c += 16;
    t0 += 16;
    t1 += 16;
    out += 16;
  }
  if (n & 1) {
    const last = truncLanes(
      v128.load_zero<u64>(c), v128.load_zero<u64>(t0), v128.load_zero<u64>(t1), up, f, lowMask, firstMask, bias,
    );
    v128.store_lane<u64>(out, last, 0);
  }
}

// @ts-ignore: decorator
@inline
function truncStepLanes(
  c: v128, t0: v128, steps: v128, up: i32, f: i32, shift: i32, lowMask: v128, firstMask: v128, bias: v128,
): v128 {
  const top = i64x2.shr_s(i64x2.shl(c, up), 63);
  const step = v128.and(i64x2.shl(i64x2.extend_low_i32x4_u(steps), shift), top);
  const shifted = i64x2.sub(i64x2.shr_u(v128.and(c, lowMask), f), bias);
  return i64x2.add(i64x2.add(t0, step), v128.and(shifted, firstMask));
}

/** The same with T_1 = T_0 + steps * 2^(width-1-f), two 32-bit steps a word. */
export function truncSteps(
  out: usize, c: usize, t0: usize, steps: usize, n: i32, width: i32, f: i32, first: i32,
): void {
  const up = 64 - width;
  const shift = width - 1 - f;
  const lowMask = i64x2.splat(low(width - 1));
  const firstMask = i64x2.splat(first ? -1 : 0);
  const bias = i64x2.splat((<u64>1) << (width - 2 - f));
  const whole = c + ((<usize>(n & ~1)) << 3);
  while (c < whole) {
    const two = v128.load_zero<u64>(steps);
    v128.store(out, truncStepLanes(v128.load(c), v128.load(t0), two, up, f, shift, lowMask, firstMask, bias));
    c += 16;
    t0 += 16;
    out += 16;
    steps += 8;
  }
  if (n & 1) {
    const word = v128.load_zero<u64>(c);
    const one = v128.load_zero<u32>(steps);
    const t = v128.load_zero<u64>(t0);
    v128.store_lane<u64>(out, truncStepLanes(word, t, one, up, f, shift, lowMask, firstMask, bias), 0);
  }
}

/** e ? first - x : x, where e is a lane mask */
// @ts-ignore: decorator
@inline
function flip(x: v128, e: v128, first: v128): v128 {
  return i64x2.add(i64x2.sub(v128.xor(x, e), e), v128.and(first, e));
}

// @ts-ignore: decorator
@inline
function reluLanes(
  c: v128, e: v128, beta: v128, t0: v128, t1: v128, bt0: v128, bt1: v128,
  up: i32, f: i32, lowMask: v128, one: v128,
): v128 {
  const top = i64x2.shr_s(i64x2.shl(c, up), 63);
  const p = i64x2.shr_u(v128.and(c, lowMask), f);
  const t = v128.bitselect(t1, t0, top);
  const bt = v128.bitselect(bt1, bt0, top);
  const bias = i64x2.add(v128.and(t, e), i64x2.sub(v128.xor(bt, e), e));
  return i64x2.add(i64x2.mul(p, flip(beta, e, one)), bias);
}

export function reluCombine(
  out: usize, c: usize, e: usize, beta: usize, t0: usize, t1: usize, bt0: usize, bt1: usize,
  n: i32, width: i32, f: i32, first: i32,
): void {
  const up = 64 - width;
  const lowMask = i64x2.splat(low(width - 1));
  const one = i64x2.splat(first ? 1 : 0);
  let bits: u64 = 0;
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    if ((i & 63) == 0) {
      bits = load<u64>(e);
      e += 8;
    }
    const o = (<usize>i) << 3;
    v128.store(
      out + o,
      reluLanes(
        v128.load(c + o), twoBits(bits), v128.load(beta + o), v128.load(t0 + o), v128.load(t1 + o),
        v128.load(bt0 + o), v128.load(bt1 + o), up, f, lowMask, one,
      ),
    );
    bits >>= 2;
  }
  if (i < n) {
    if ((i & 63) == 0) bits = load<u64>(e);
    const o = (<usize>i) << 3;
    v128.store_lane<u64>(
      out + o,
      reluLanes(
        v128.load_zero<u64>(c + o), twoBits(bits), v128.load_zero<u64>(beta + o), v128.load_zero<u64>(t0 + o),
        v128.load_zero<u64>(t1 + o), v128.load_zero<u64>(bt0 + o), v128.load_zero<u64>(bt1 + o), up, f, lowMask, one,
      ),
      0,
    );
  }
}

export function bitCombine(out: usize, e: usize, beta: usize, n: i32, first: i32): void {
  const one = i64x2.splat(first ? 1 : 0);
  let bits: u64 = 0;
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    if ((i & 63) == 0) {
      bits = load<u64>(e);
      e += 8;
    }
    const o = (<usize>i) << 3;
    v128.store(out + o, flip(v128.load(beta + o), twoBits(bits), one));
    bits >>= 2;
  }
  if (i < n) {
    if ((i & 63) == 0) bits = load<u64>(e);
    const o = (<usize>i) << 3;
    v128.store_lane<u64>(out + o, flip(v128.load_zero<u64>(beta + o), twoBits(bits), one), 0);
  }
}

// @ts-ignore: decorator
@inline
function selectLanes(v: v128, e: v128, beta: v128, a: v128, ba: v128, one: v128): v128 {
  const bias = i64x2.add(v128.and(a, e), i64x2.sub(v128.xor(ba, e), e));
  return i64x2.add(i64x2.mul(v, flip(beta, e, one)), bias);
}

export function selectCombine(
  out: usize, v: usize, e: usize, beta: usize, a: usize, ba: usize, n: i32, first: i32,
): void {
  const one = i64x2.splat(first ? 1 : 0);
  let bits: u64 = 0;
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    if ((i & 63) == 0) {
      bits = load<u64>(e);
      e += 8;
    }
    const o = (<usize>i) << 3;
    v128.store(
      out + o,
      selectLanes(v128.load(v + o), twoBits(bits), v128.load(beta + o), v128.load(a + o), v128.load(ba + o), one),
    );
    bits >>= 2;
  }
  if (i < n) {
    if ((i & 63) == 0) bits = load<u64>(e);
    const o = (<usize>i) << 3;
    v128.store_lane<u64>(
      out + o,
      selectLanes(
        v128.load_zero<u64>(v + o), twoBits(bits), v128.load_zero<u64>(beta + o), v128.load_zero<u64>(a + o),
        v128.load_zero<u64>(ba + o), one,
      ),
      0,
    );
  }
}
