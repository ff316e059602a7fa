// Residues modulo one prime as residues modulo another.

/**
 * out = in modulo q, below 2q, where words above `threshold` stand for word - (their own prime): then `shift`, which is
 * minus that prime modulo q, is added. one = floor(2^32 / q). Inputs below 2^30.
 */
export function liftRow(
  out: usize,
  input: usize,
  n: u32,
  threshold: u32,
  shift: u32,
  q: u32,
  one: u32,
): void {
  const vq = i32x4.splat(q);
  const vOne = i32x4.splat(one);
  const vThreshold = i32x4.splat(threshold);
  const vShift = i32x4.splat(shift);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16) {
    let x = v128.load(input + i);
    x = v128.add<u32>(x, v128.and(v128.gt<i32>(x, vThreshold), vShift));
    const low = i64x2.extmul_low_i32x4_u(x, vOne);
    const high = i64x2.extmul_high_i32x4_u(x, vOne);
    const times = v128.shuffle<u32>(low, high, 1, 3, 5, 7);
    v128.store(out + i, v128.sub<u32>(x, v128.mul<u32>(times, vq)));
  }
}
