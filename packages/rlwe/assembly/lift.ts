// Residues modulo one prime as residues modulo another.
import { centred, mulHigh, splat } from './lanes';

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
  const vq = splat(q);
  const vOne = splat(one);
  const vThreshold = splat(threshold);
  const vShift = splat(shift);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16) {
    const x = centred(v128.load(input + i), vThreshold, vShift);
    v128.store(out + i, v128.sub<u32>(x, v128.mul<u32>(mulHigh(x, vOne), vq)));
  }
}
