// Multiply-combine in one pass over memory: the local half of a product with a dealt tuple.

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

// @ts-ignore: decorator
@inline
function scaledSumWord(a: u64, b: u64, s: u64, t: u64): u64 {
  return s * a + t * b;
}

/** out = s * a + t * b */
export function scaledSum(out: usize, a: usize, b: usize, n: i32, s: u64, t: u64): void {
  const whole = a + ((<usize>(n & ~3)) << 3);
  const end = a + ((<usize>n) << 3);
  while (a < whole) {
    store<u64>(out, scaledSumWord(load<u64>(a), load<u64>(b), s, t));
    store<u64>(out, scaledSumWord(load<u64>(a, 8), load<u64>(b, 8), s, t), 8);
    store<u64>(out, scaledSumWord(load<u64>(a, 16), load<u64>(b, 16), s, t), 16);
    store<u64>(out, scaledSumWord(load<u64>(a, 24), load<u64>(b, 24), s, t), 24);
    a += 32;
    b += 32;
    out += 32;
  }
  while (a < end) {
    store<u64>(out, scaledSumWord(load<u64>(a), load<u64>(b), s, t));
    a += 8;
    b += 8;
    out += 8;
  }
}

// @ts-ignore: decorator
@inline
function maskedProductWord(e: u64, f: u64, a: u64, b: u64, c: u64, l: u64, k: u64): u64 {
  return k * ((l * e + a) * (l * f + b)) + c;
}

/** out = k * (l * e + a) * (l * f + b) + c */
export function maskedProduct(
  out: usize, e: usize, f: usize, a: usize, b: usize, c: usize, n: i32, l: u64, k: u64,
): void {
  const whole = e + ((<usize>(n & ~3)) << 3);
  const end = e + ((<usize>n) << 3);
  while (e < whole) {
    store<u64>(out, maskedProductWord(load<u64>(e), load<u64>(f), load<u64>(a), load<u64>(b), load<u64>(c), l, k));
    store<u64>(out, maskedProductWord(load<u64>(e, 8), load<u64>(f, 8), load<u64>(a, 8), load<u64>(b, 8), load<u64>(c, 8), l, k), 8);
    store<u64>(out, maskedProductWord(load<u64>(e, 16), load<u64>(f, 16), load<u64>(a, 16), load<u64>(b, 16), load<u64>(c, 16), l, k), 16);
    store<u64>(out, maskedProductWord(load<u64>(e, 24), load<u64>(f, 24), load<u64>(a, 24), load<u64>(b, 24), load<u64>(c, 24), l, k), 24);
    e += 32;
    f += 32;
    a += 32;
    b += 32;
    c += 32;
    out += 32;
  }
  while (e < end) {
    store<u64>(out, maskedProductWord(load<u64>(e), load<u64>(f), load<u64>(a), load<u64>(b), load<u64>(c), l, k));
    e += 8;
    f += 8;
    a += 8;
    b += 8;
    c += 8;
    out += 8;
  }
}

// @ts-ignore: decorator
@inline
function squareWord(e: u64, a: u64, c: u64, mask: u64): u64 {
  return e * ((e & mask) + (a << 1)) + c;
}

/** out = first * e * e + 2 * e * a + c */
export function squareCombine(out: usize, e: usize, a: usize, c: usize, n: i32, first: i32): void {
  const mask: u64 = first ? ~0 : 0;
  const whole = e + ((<usize>(n & ~3)) << 3);
  const end = e + ((<usize>n) << 3);
  while (e < whole) {
    store<u64>(out, squareWord(load<u64>(e), load<u64>(a), load<u64>(c), mask));
    store<u64>(out, squareWord(load<u64>(e, 8), load<u64>(a, 8), load<u64>(c, 8), mask), 8);
    store<u64>(out, squareWord(load<u64>(e, 16), load<u64>(a, 16), load<u64>(c, 16), mask), 16);
    store<u64>(out, squareWord(load<u64>(e, 24), load<u64>(a, 24), load<u64>(c, 24), mask), 24);
    e += 32;
    a += 32;
    c += 32;
    out += 32;
  }
  while (e < end) {
    store<u64>(out, squareWord(load<u64>(e), load<u64>(a), load<u64>(c), mask));
    e += 8;
    a += 8;
    c += 8;
    out += 8;
  }
}
