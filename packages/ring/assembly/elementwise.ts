// Elementwise kernels. `out` may be the same array as an input, but may not overlap one partly.
// SIMD in steps of eight words, then one word at a time with the same lane operation.

const ADD = 0;
const SUB = 1;
const XOR = 2;
const AND = 3;
const OR = 4;

// @ts-ignore: decorator
@inline
function lanes(op: i32, a: v128, b: v128): v128 {
  return op == ADD
    ? i64x2.add(a, b)
    : op == SUB
      ? i64x2.sub(a, b)
      : op == XOR
        ? v128.xor(a, b)
        : op == AND
          ? v128.and(a, b)
          : v128.or(a, b);
}

// @ts-ignore: decorator
@inline
function binary(op: i32, out: usize, a: usize, b: usize, n: i32): void {
  const whole = a + ((<usize>(n & ~7)) << 3);
  const end = a + ((<usize>n) << 3);
  while (a < whole) {
    v128.store(out, lanes(op, v128.load(a), v128.load(b)));
    v128.store(out, lanes(op, v128.load(a, 16), v128.load(b, 16)), 16);
    v128.store(out, lanes(op, v128.load(a, 32), v128.load(b, 32)), 32);
    v128.store(out, lanes(op, v128.load(a, 48), v128.load(b, 48)), 48);
    a += 64;
    b += 64;
    out += 64;
  }
  while (a < end) {
    v128.store_lane<u64>(out, lanes(op, v128.load_zero<u64>(a), v128.load_zero<u64>(b)), 0);
    a += 8;
    b += 8;
    out += 8;
  }
}

export function add(out: usize, a: usize, b: usize, n: i32): void {
  binary(ADD, out, a, b, n);
}

export function sub(out: usize, a: usize, b: usize, n: i32): void {
  binary(SUB, out, a, b, n);
}

export function xor(out: usize, a: usize, b: usize, n: i32): void {
  binary(XOR, out, a, b, n);
}

export function and(out: usize, a: usize, b: usize, n: i32): void {
  binary(AND, out, a, b, n);
}

export function or(out: usize, a: usize, b: usize, n: i32): void {
  binary(OR, out, a, b, n);
}

export function mul(out: usize, a: usize, b: usize, n: i32): void {
  const whole = a + ((<usize>(n & ~3)) << 3);
  const end = a + ((<usize>n) << 3);
  while (a < whole) {
    store<u64>(out, load<u64>(a) * load<u64>(b));
    store<u64>(out, load<u64>(a, 8) * load<u64>(b, 8), 8);
    store<u64>(out, load<u64>(a, 16) * load<u64>(b, 16), 16);
    store<u64>(out, load<u64>(a, 24) * load<u64>(b, 24), 24);
    a += 32;
    b += 32;
    out += 32;
  }
  while (a < end) {
    store<u64>(out, load<u64>(a) * load<u64>(b));
    a += 8;
    b += 8;
    out += 8;
  }
}

const ADD_SCALAR = 0;
const AND_SCALAR = 1;
const XOR_SCALAR = 2;
const SUB_FROM_SCALAR = 3;
const SHL = 4;
const SHR_U = 5;
const SHR_S = 6;

// @ts-ignore: decorator
@inline
function scalarLanes(op: i32, a: v128, s: v128, k: i32): v128 {
  return op == ADD_SCALAR
    ? i64x2.add(a, s)
    : op == AND_SCALAR
      ? v128.and(a, s)
      : op == XOR_SCALAR
        ? v128.xor(a, s)
        : op == SUB_FROM_SCALAR
          ? i64x2.sub(s, a)
          : op == SHL
            ? i64x2.shl(a, k)
            : op == SHR_U
              ? i64x2.shr_u(a, k)
              : i64x2.shr_s(a, k);
}

// @ts-ignore: decorator
@inline
function unary(op: i32, out: usize, a: usize, n: i32, scalar: u64, k: i32): void {
  const whole = a + ((<usize>(n & ~7)) << 3);
  const end = a + ((<usize>n) << 3);
  const s = i64x2.splat(scalar);
  while (a < whole) {
    v128.store(out, scalarLanes(op, v128.load(a), s, k));
    v128.store(out, scalarLanes(op, v128.load(a, 16), s, k), 16);
    v128.store(out, scalarLanes(op, v128.load(a, 32), s, k), 32);
    v128.store(out, scalarLanes(op, v128.load(a, 48), s, k), 48);
    a += 64;
    out += 64;
  }
  while (a < end) {
    v128.store_lane<u64>(out, scalarLanes(op, v128.load_zero<u64>(a), s, k), 0);
    a += 8;
    out += 8;
  }
}

export function addScalar(out: usize, a: usize, n: i32, s: u64): void {
  unary(ADD_SCALAR, out, a, n, s, 0);
}

export function andScalar(out: usize, a: usize, n: i32, s: u64): void {
  unary(AND_SCALAR, out, a, n, s, 0);
}

export function xorScalar(out: usize, a: usize, n: i32, s: u64): void {
  unary(XOR_SCALAR, out, a, n, s, 0);
}

/** out = s - a; with s = 0 the negation. */
export function subFromScalar(out: usize, a: usize, n: i32, s: u64): void {
  unary(SUB_FROM_SCALAR, out, a, n, s, 0);
}

export function shl(out: usize, a: usize, n: i32, k: i32): void {
  unary(SHL, out, a, n, 0, k);
}

export function shrU(out: usize, a: usize, n: i32, k: i32): void {
  unary(SHR_U, out, a, n, 0, k);
}

export function shrS(out: usize, a: usize, n: i32, k: i32): void {
  unary(SHR_S, out, a, n, 0, k);
}

export function mulScalar(out: usize, a: usize, n: i32, s: u64): void {
  const whole = a + ((<usize>(n & ~3)) << 3);
  const end = a + ((<usize>n) << 3);
  while (a < whole) {
    store<u64>(out, load<u64>(a) * s);
    store<u64>(out, load<u64>(a, 8) * s, 8);
    store<u64>(out, load<u64>(a, 16) * s, 16);
    store<u64>(out, load<u64>(a, 24) * s, 24);
    a += 32;
    out += 32;
  }
  while (a < end) {
    store<u64>(out, load<u64>(a) * s);
    a += 8;
    out += 8;
  }
}

/** Copies `bytes` bytes; the regions may overlap. */
export function copyBytes(out: usize, from: usize, bytes: usize): void {
  memory.copy(out, from, bytes);
}
