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

/** out = e * (b + first * f) + a * f + c */
export function beaver(out: usize, e: usize, f: usize, a: usize, b: usize, c: usize, n: i32, first: i32): void {
  const mask: u64 = first ? ~0 : 0;
  const end = e + ((<usize>n) << 3);
  while (e < end) {
    const opened = load<u64>(f);
    store<u64>(out, load<u64>(e) * (load<u64>(b) + (opened & mask)) + load<u64>(a) * opened + load<u64>(c));
    e += 8;
    f += 8;
    a += 8;
    b += 8;
    c += 8;
    out += 8;
  }
}

/** out = first * e * e + 2 * e * a + c */
export function squareCombine(out: usize, e: usize, a: usize, c: usize, n: i32, first: i32): void {
  const mask: u64 = first ? ~0 : 0;
  const end = e + ((<usize>n) << 3);
  while (e < end) {
    const opened = load<u64>(e);
    store<u64>(out, opened * ((opened & mask) + (load<u64>(a) << 1)) + load<u64>(c));
    e += 8;
    a += 8;
    c += 8;
    out += 8;
  }
}
