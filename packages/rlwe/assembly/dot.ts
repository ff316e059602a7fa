// Sums of products of rows, two sums with a factor in common: the inner loop of key switching (digit times both
// polynomials of the key) and of linear transforms (diagonal times both polynomials of a rotated ciphertext).
import { lower, montgomery, splat, splatHigh } from './lanes';

/** Terms between two folds: 8 products below 2^60 on top of a sum below 2q * 2^32 stay below 4q * 2^32. */
const FOLD: u32 = 8;

/**
 * out0 = sum of a * b0 / 2^32, out1 = sum of a * b1 / 2^32 over `count` terms; added to what is there if `accumulate`.
 * terms: three addresses of rows (a, b0, b1) a term. All values below q.
 */
export function dotRows(
  out0: usize,
  out1: usize,
  terms: usize,
  count: u32,
  n: u32,
  q: u32,
  inverse: u32,
  accumulate: u32,
): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
  const vInverse = splat(inverse);
  const fold = splatHigh(2 * q);
  const end = terms + (count as usize) * 12;
  for (let i: usize = 0; i < (n as usize) << 2; i += 32) {
    let p0 = i64x2.splat(0);
    let p1 = i64x2.splat(0);
    let p2 = i64x2.splat(0);
    let p3 = i64x2.splat(0);
    let r0 = i64x2.splat(0);
    let r1 = i64x2.splat(0);
    let r2 = i64x2.splat(0);
    let r3 = i64x2.splat(0);
    let term = terms;
    while (true) {
      const stop = min(end, term + FOLD * 12);
      for (; term < stop; term += 12) {
        const a = (load<u32>(term) as usize) + i;
        const b = (load<u32>(term, 4) as usize) + i;
        const c = (load<u32>(term, 8) as usize) + i;
        const x = v128.load(a);
        const y = v128.load(b);
        const z = v128.load(c);
        p0 = v128.add<u64>(p0, i64x2.extmul_low_i32x4_u(x, y));
        p1 = v128.add<u64>(p1, i64x2.extmul_high_i32x4_u(x, y));
        r0 = v128.add<u64>(r0, i64x2.extmul_low_i32x4_u(x, z));
        r1 = v128.add<u64>(r1, i64x2.extmul_high_i32x4_u(x, z));
        const u = v128.load(a, 16);
        const v = v128.load(b, 16);
        const w = v128.load(c, 16);
        p2 = v128.add<u64>(p2, i64x2.extmul_low_i32x4_u(u, v));
        p3 = v128.add<u64>(p3, i64x2.extmul_high_i32x4_u(u, v));
        r2 = v128.add<u64>(r2, i64x2.extmul_low_i32x4_u(u, w));
        r3 = v128.add<u64>(r3, i64x2.extmul_high_i32x4_u(u, w));
      }
      if (term == end) break;
      p0 = lower(p0, fold);
      p1 = lower(p1, fold);
      p2 = lower(p2, fold);
      p3 = lower(p3, fold);
      r0 = lower(r0, fold);
      r1 = lower(r1, fold);
      r2 = lower(r2, fold);
      r3 = lower(r3, fold);
    }
    let s0 = montgomery(p0, p1, vq, v2q, vInverse);
    let s1 = montgomery(p2, p3, vq, v2q, vInverse);
    let t0 = montgomery(r0, r1, vq, v2q, vInverse);
    let t1 = montgomery(r2, r3, vq, v2q, vInverse);
    if (accumulate) {
      s0 = lower(v128.add<u32>(s0, v128.load(out0 + i)), vq);
      s1 = lower(v128.add<u32>(s1, v128.load(out0 + i, 16)), vq);
      t0 = lower(v128.add<u32>(t0, v128.load(out1 + i)), vq);
      t1 = lower(v128.add<u32>(t1, v128.load(out1 + i, 16)), vq);
    }
    v128.store(out0 + i, s0);
    v128.store(out0 + i, s1, 16);
    v128.store(out1 + i, t0);
    v128.store(out1 + i, t1, 16);
  }
}
