// Arithmetic on rows. Inputs and outputs are below q unless said otherwise; outputs may be inputs.
import { lower, montgomery, shoup, splat } from './lanes';

export function addRows(out: usize, a: usize, b: usize, n: u32, q: u32): void {
  const vq = splat(q);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16)
    v128.store(out + i, lower(v128.add<u32>(v128.load(a + i), v128.load(b + i)), vq));
}

export function subRows(out: usize, a: usize, b: usize, n: u32, q: u32): void {
  const vq = splat(q);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16) {
    const difference = v128.sub<u32>(v128.load(a + i), v128.load(b + i));
    v128.store(out + i, v128.min<u32>(difference, v128.add<u32>(difference, vq)));
  }
}

export function negateRow(out: usize, a: usize, n: u32, q: u32): void {
  const vq = splat(q);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16)
    v128.store(out + i, lower(v128.sub<u32>(vq, v128.load(a + i)), vq));
}

/** out = a + value in every place. */
export function addScalarRow(out: usize, a: usize, n: u32, value: u32, q: u32): void {
  const vq = splat(q);
  const v = splat(value);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16)
    v128.store(out + i, lower(v128.add<u32>(v128.load(a + i), v), vq));
}

/** out = a * w with w's Shoup quotient. `a` may be any words. */
export function scaleRow(out: usize, a: usize, n: u32, w: u32, quotient: u32, q: u32): void {
  const vq = splat(q);
  const vw = splat(w);
  const vQuotient = splat(quotient);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16)
    v128.store(out + i, lower(shoup(v128.load(a + i), vw, vQuotient, vq), vq));
}

/** out = a * b. radix = 2^32 mod q, with its Shoup quotient; inverse = q^-1 mod 2^32. */
export function multiplyRows(
  out: usize,
  a: usize,
  b: usize,
  n: u32,
  q: u32,
  inverse: u32,
  radix: u32,
  quotient: u32,
): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
  const vInverse = splat(inverse);
  const vRadix = splat(radix);
  const vQuotient = splat(quotient);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16) {
    const x = v128.load(a + i);
    const y = v128.load(b + i);
    const product = montgomery(
      i64x2.extmul_low_i32x4_u(x, y),
      i64x2.extmul_high_i32x4_u(x, y),
      vq,
      v2q,
      vInverse,
    );
    v128.store(out + i, lower(shoup(product, vRadix, vQuotient, vq), vq));
  }
}

/** out = a * b + c * d. Constants as in multiplyRows. */
export function crossRows(
  out: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  n: u32,
  q: u32,
  inverse: u32,
  radix: u32,
  quotient: u32,
): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
  const vInverse = splat(inverse);
  const vRadix = splat(radix);
  const vQuotient = splat(quotient);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16) {
    const x = v128.load(a + i);
    const y = v128.load(b + i);
    const u = v128.load(c + i);
    const v = v128.load(d + i);
    const low = v128.add<u64>(i64x2.extmul_low_i32x4_u(x, y), i64x2.extmul_low_i32x4_u(u, v));
    const high = v128.add<u64>(i64x2.extmul_high_i32x4_u(x, y), i64x2.extmul_high_i32x4_u(u, v));
    const product = montgomery(low, high, vq, v2q, vInverse);
    v128.store(out + i, lower(shoup(product, vRadix, vQuotient, vq), vq));
  }
}

/** out = (a - b) * w with w's Shoup quotient: the end of a division by a dropped prime. */
export function subScaleRow(
  out: usize,
  a: usize,
  b: usize,
  n: u32,
  w: u32,
  quotient: u32,
  q: u32,
): void {
  const vq = splat(q);
  const vw = splat(w);
  const vQuotient = splat(quotient);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16) {
    const difference = v128.add<u32>(v128.sub<u32>(v128.load(a + i), v128.load(b + i)), vq);
    v128.store(out + i, lower(shoup(difference, vw, vQuotient, vq), vq));
  }
}

/** out = base + (a - b) * w. */
export function addSubScaleRow(
  out: usize,
  base: usize,
  a: usize,
  b: usize,
  n: u32,
  w: u32,
  quotient: u32,
  q: u32,
): void {
  const vq = splat(q);
  const vw = splat(w);
  const vQuotient = splat(quotient);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16) {
    const difference = v128.add<u32>(v128.sub<u32>(v128.load(a + i), v128.load(b + i)), vq);
    const share = lower(shoup(difference, vw, vQuotient, vq), vq);
    v128.store(out + i, lower(v128.add<u32>(v128.load(base + i), share), vq));
  }
}

export function copyRow(out: usize, a: usize, n: u32): void {
  memory.copy(out, a, (n as usize) << 2);
}

export function zeroRow(out: usize, n: u32): void {
  memory.fill(out, 0, (n as usize) << 2);
}
