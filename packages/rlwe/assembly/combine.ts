// Many linear combinations of many rows with constants. Works on blocks of coefficients: a block of all inputs is packed
// into the scratch, which stays in the cache while every combination reads it.
import { lower, montgomery, splat, splatHigh } from './lanes';

const FOLD: u32 = 8;

/**
 * outputs[r] = sum over terms t in [starts[r], starts[r + 1]) of inputs[columns[t]] * weights[t] / 2^32, for `rows` rows.
 * inputs, outputs: tables of row addresses. Values below q. blockBits: log2 of the bytes in a block, at least 6; the
 * scratch holds `width` blocks.
 */
export function combineRows(
  outputs: usize,
  rows: u32,
  inputs: usize,
  width: u32,
  starts: usize,
  columns: usize,
  weights: usize,
  n: u32,
  q: u32,
  inverse: u32,
  scratch: usize,
  blockBits: u32,
): void {
  const block: usize = 1 << (blockBits as usize);
  const shift = blockBits as usize;
  const vq = splat(q);
  const v2q = splat(2 * q);
  const vInverse = splat(inverse);
  const fold = splatHigh(2 * q);
  for (let at: usize = 0; at < (n as usize) << 2; at += block) {
    for (let e: usize = 0; e < width; e++) {
      const from = (load<u32>(inputs + (e << 2)) as usize) + at;
      const to = scratch + (e << shift);
      for (let i: usize = 0; i < block; i += 64) {
        v128.store(to + i, v128.load(from + i));
        v128.store(to + i, v128.load(from + i, 16), 16);
        v128.store(to + i, v128.load(from + i, 32), 32);
        v128.store(to + i, v128.load(from + i, 48), 48);
      }
    }
    for (let r: usize = 0; r < rows; r++) {
      const out = (load<u32>(outputs + (r << 2)) as usize) + at;
      const first = (load<u32>(starts + (r << 2)) as usize) << 2;
      const last = (load<u32>(starts + (r << 2), 4) as usize) << 2;
      for (let i: usize = 0; i < block; i += 64) {
        let p0 = i64x2.splat(0);
        let p1 = i64x2.splat(0);
        let p2 = i64x2.splat(0);
        let p3 = i64x2.splat(0);
        let p4 = i64x2.splat(0);
        let p5 = i64x2.splat(0);
        let p6 = i64x2.splat(0);
        let p7 = i64x2.splat(0);
        const base = scratch + i;
        let t = first;
        while (true) {
          const stop = min(last, t + FOLD * 4);
          for (; t < stop; t += 4) {
            const from = base + ((load<u32>(columns + t) as usize) << shift);
            const w = v128.load32_splat(weights + t);
            const x0 = v128.load(from);
            p0 = v128.add<u64>(p0, i64x2.extmul_low_i32x4_u(x0, w));
            p1 = v128.add<u64>(p1, i64x2.extmul_high_i32x4_u(x0, w));
            const x1 = v128.load(from, 16);
            p2 = v128.add<u64>(p2, i64x2.extmul_low_i32x4_u(x1, w));
            p3 = v128.add<u64>(p3, i64x2.extmul_high_i32x4_u(x1, w));
            const x2 = v128.load(from, 32);
            p4 = v128.add<u64>(p4, i64x2.extmul_low_i32x4_u(x2, w));
            p5 = v128.add<u64>(p5, i64x2.extmul_high_i32x4_u(x2, w));
            const x3 = v128.load(from, 48);
            p6 = v128.add<u64>(p6, i64x2.extmul_low_i32x4_u(x3, w));
            p7 = v128.add<u64>(p7, i64x2.extmul_high_i32x4_u(x3, w));
          }
          if (t == last) break;
          p0 = lower(p0, fold);
          p1 = lower(p1, fold);
          p2 = lower(p2, fold);
          p3 = lower(p3, fold);
          p4 = lower(p4, fold);
          p5 = lower(p5, fold);
          p6 = lower(p6, fold);
          p7 = lower(p7, fold);
        }
        const to = out + i;
        v128.store(to, montgomery(p0, p1, vq, v2q, vInverse));
        v128.store(to, montgomery(p2, p3, vq, v2q, vInverse), 16);
        v128.store(to, montgomery(p4, p5, vq, v2q, vInverse), 32);
        v128.store(to, montgomery(p6, p7, vq, v2q, vInverse), 48);
      }
    }
  }
}
