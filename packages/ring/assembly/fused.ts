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
function beaverWord(e: u64, f: u64, a: u64, b: u64, c: u64, mask: u64): u64 {
  return e * (b + (f & mask)) + a * f + c;
}

/** out = e * (b + first * f) + a * f + c */
export function beaver(out: usize, e: usize, f: usize, a: usize, b: usize, c: usize, n: i32, first: i32): void {
  const mask: u64 = first ? ~0 : 0;
  const whole = e + ((<usize>(n & ~3)) << 3);
  const end = e + ((<usize>n) << 3);
  while (e < whole) {
    store<u64>(out, beaverWord(load<u64>(e), load<u64>(f), load<u64>(a), load<u64>(b), load<u64>(c), mask));
    store<u64>(out, beaverWord(load<u64>(e, 8), load<u64>(f, 8), load<u64>(a, 8), load<u64>(b, 8), load<u64>(c, 8), mask), 8);
    store<u64>(out, beaverWord(load<u64>(e, 16), load<u64>(f, 16), load<u64>(a, 16), load<u64>(b, 16), load<u64>(c, 16), mask), 16);
    store<u64>(out, beaverWord(load<u64>(e, 24), load<u64>(f, 24), load<u64>(a, 24), load<u64>(b, 24), load<u64>(c, 24), mask), 24);
    e += 32;
    f += 32;
    a += 32;
    b += 32;
    c += 32;
    out += 32;
  }
  while (e < end) {
    store<u64>(out, beaverWord(load<u64>(e), load<u64>(f), load<u64>(a), load<u64>(b), load<u64>(c), mask));
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
