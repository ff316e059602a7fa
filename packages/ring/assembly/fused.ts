// Multiply-combine in one pass over memory: the local half of a product with a dealt tuple.
import { add, sub } from './elementwise';

export function mulAdd(out: usize, a: usize, b: usize, c: usize, n: i32): void {
  const whole = a + ((<usize>(n & ~1)) << 3);
  while (a < whole) {
    store<u64>(out, load<u64>(a) * load<u64>(b) + load<u64>(c));
    store<u64>(out, load<u64>(a, 8) * load<u64>(b, 8) + load<u64>(c, 8), 8);
    a += 16;
    b += 16;
    c += 16;
    out += 16;
  }
  if (n & 1) store<u64>(out, load<u64>(a) * load<u64>(b) + load<u64>(c));
}

/** out = a + 2 b */
function addTwice(out: usize, a: usize, b: usize, n: i32): void {
  const whole = a + ((<usize>(n & ~3)) << 3);
  const end = a + ((<usize>n) << 3);
  while (a < whole) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    v128.store(out, i64x2.add(v128.load(a), i64x2.add(b0, b0)));
    v128.store(out, i64x2.add(v128.load(a, 16), i64x2.add(b1, b1)), 16);
    a += 32;
    b += 32;
    out += 32;
  }
  while (a < end) {
    store<u64>(out, load<u64>(a) + 2 * load<u64>(b));
    a += 8;
    b += 8;
    out += 8;
  }
}

/** out = a - 2 b */
function subTwice(out: usize, a: usize, b: usize, n: i32): void {
  const whole = a + ((<usize>(n & ~3)) << 3);
  const end = a + ((<usize>n) << 3);
  while (a < whole) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    v128.store(out, i64x2.sub(v128.load(a), i64x2.add(b0, b0)));
    v128.store(out, i64x2.sub(v128.load(a, 16), i64x2.add(b1, b1)), 16);
    a += 32;
    b += 32;
    out += 32;
  }
  while (a < end) {
    store<u64>(out, load<u64>(a) - 2 * load<u64>(b));
    a += 8;
    b += 8;
    out += 8;
  }
}

/** out = a + t * b */
export function addScaled(out: usize, a: usize, b: usize, n: i32, t: u64): void {
  if (t == 1) {
    add(out, a, b, n);
    return;
  }
  if (t == ~0) {
    sub(out, a, b, n);
    return;
  }
  if (t == 2) {
    addTwice(out, a, b, n);
    return;
  }
  if (t == ~1) {
    subTwice(out, a, b, n);
    return;
  }
  const end = a + ((<usize>n) << 3);
  while (a < end) {
    store<u64>(out, load<u64>(a) + t * load<u64>(b));
    a += 8;
    b += 8;
    out += 8;
  }
}

/** Two words of c + (a * b << shift), or of c - (a * b << shift). */
// @ts-ignore: decorator
@inline
function shiftedMulAdd(subtract: bool, out: usize, a: usize, b: usize, c: usize, shift: u64): void {
  const first = (load<u64>(a) * load<u64>(b)) << shift;
  const second = (load<u64>(a, 8) * load<u64>(b, 8)) << shift;
  store<u64>(out, subtract ? load<u64>(c) - first : load<u64>(c) + first);
  store<u64>(out, subtract ? load<u64>(c, 8) - second : load<u64>(c, 8) + second, 8);
}

/** out = k * a * b + c; without a second multiplication where k is a power of two or the negative of one. */
export function scaledMulAdd(out: usize, a: usize, b: usize, c: usize, n: i32, k: u64): void {
  const end = a + ((<usize>n) << 3);
  const negative = <i64>k < 0;
  const size = negative ? 0 - k : k;
  if (popcnt<u64>(size) == 1) {
    const shift = ctz<u64>(size);
    const whole = a + ((<usize>(n & ~1)) << 3);
    if (negative) {
      while (a < whole) {
        shiftedMulAdd(true, out, a, b, c, shift);
        a += 16;
        b += 16;
        c += 16;
        out += 16;
      }
    } else {
      while (a < whole) {
        shiftedMulAdd(false, out, a, b, c, shift);
        a += 16;
        b += 16;
        c += 16;
        out += 16;
      }
    }
  }
  while (a < end) {
    store<u64>(out, k * (load<u64>(a) * load<u64>(b)) + load<u64>(c));
    a += 8;
    b += 8;
    c += 8;
    out += 8;
  }
}
