// Tables of one prime: powers of the root of unity in the order in which the transforms use them.

// @ts-ignore: decorator
@inline
function multiply(a: u64, b: u64, q: u64): u64 {
  return (a * b) % q;
}

function power(base: u64, exponent: u64, q: u64): u64 {
  let result: u64 = 1;
  while (exponent) {
    if (exponent & 1) result = multiply(result, base, q);
    base = multiply(base, base, q);
    exponent >>= 1;
  }
  return result;
}

/** The smallest primitive 2n-th root of unity modulo the prime q, q = 1 modulo 2n. 0 if there is none. */
export function minimalRoot(q: u32, n: u32): u32 {
  const order: u64 = 2 * (n as u64);
  if (((q as u64) - 1) % order) return 0;
  const cofactor = ((q as u64) - 1) / order;
  let root: u64 = 0;
  for (let base: u64 = 2; base < 1000; base++) {
    const candidate = power(base, cofactor, q);
    if (power(candidate, n, q) == q - 1) {
      root = candidate;
      break;
    }
  }
  if (!root) return 0;
  // All primitive roots are odd powers of one of them.
  const step = multiply(root, root, q);
  let smallest = root;
  for (let i: u32 = 1; i < n; i++) {
    root = multiply(root, step, q);
    if (root < smallest) smallest = root;
  }
  return smallest as u32;
}

// @ts-ignore: decorator
@inline
function quotient(w: u64, q: u64): u32 {
  return ((w << 32) / q) as u32;
}

function reverse(value: u32, bits: u32): u32 {
  let result: u32 = 0;
  for (let i: u32 = 0; i < bits; i++) {
    result = (result << 1) | (value & 1);
    value >>= 1;
  }
  return result;
}

/**
 * Powers root^0 .. root^(n-1) in bit-reversed order and their Shoup quotients:
 * `table` gets n words of powers, `table + 4n` n words of quotients.
 */
function fillPowers(table: usize, root: u32, q: u32, n: u32): void {
  const bits = 31 - clz<u32>(n);
  let value: u64 = 1;
  for (let i: u32 = 0; i < n; i++) {
    const at = table + ((reverse(i, bits) as usize) << 2);
    store<u32>(at, value as u32);
    store<u32>(at + (n << 2), quotient(value, q));
    value = multiply(value, root, q);
  }
}

/**
 * The powers for layers of strides 2 and 1 in the order of the lanes that use them, from a table of fillPowers.
 * Eight residues use two powers in the layer of stride 2 (each in two lanes) and four in that of stride 1. For each
 * eight residues `out` gets 16 words: powers and quotients of stride 2, then those of stride 1.
 */
function fillLanes(out: usize, table: usize, n: u32): void {
  const quotients = table + (n << 2);
  const half = (n >> 2) << 2;
  const last = (n >> 1) << 2;
  for (let i: usize = 0; i < n / 8; i++) {
    const two = half + i * 8;
    const one = last + i * 16;
    const a = load<u32>(table + two);
    const b = load<u32>(table + two, 4);
    const aq = load<u32>(quotients + two);
    const bq = load<u32>(quotients + two, 4);
    v128.store(out, lanesOf(a, a, b, b));
    v128.store(out, lanesOf(aq, aq, bq, bq), 16);
    v128.store(out, v128.load(table + one), 32);
    v128.store(out, v128.load(quotients + one), 48);
    out += 64;
  }
}

// @ts-ignore: decorator
@inline
function lanesOf(a: u32, b: u32, c: u32, d: u32): v128 {
  let lanes = i32x4.splat(a);
  lanes = i32x4.replace_lane(lanes, 1, b);
  lanes = i32x4.replace_lane(lanes, 2, c);
  return i32x4.replace_lane(lanes, 3, d);
}

/**
 * The tables of both transforms for one prime. Each takes 16n bytes: powers, quotients, lanes. `inverse` may follow
 * `forward`. root: a primitive 2n-th root of unity.
 */
export function fillTables(forward: usize, inverse: usize, root: u32, q: u32, n: u32): void {
  fillPowers(forward, root, q, n);
  fillLanes(forward + (n << 3), forward, n);
  fillPowers(inverse, power(root, (q as u64) - 2, q) as u32, q, n);
  fillLanes(inverse + (n << 3), inverse, n);
  const share = power(n, (q as u64) - 2, q);
  const second = multiply(load<u32>(inverse, 4), share, q);
  const quotients = inverse + (n << 2);
  store<u32>(inverse, share as u32);
  store<u32>(quotients, quotient(share, q));
  store<u32>(inverse, second as u32, 4);
  store<u32>(quotients, quotient(second, q), 4);
}
