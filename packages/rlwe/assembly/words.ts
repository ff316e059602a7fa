// Between SEAL's 64-bit words and rows, and from real coefficients to rows.
import { splat } from './lanes';

/** Takes the low halves of n words. Returns 0 if some word is not below q. */
export function narrow(out: usize, words: usize, n: u32, q: u32): u32 {
  const vq = splat(q);
  let bad = i32x4.splat(0);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16) {
    const a = v128.load(words + 2 * i);
    const b = v128.load(words + 2 * i, 16);
    const low = v128.shuffle<u32>(a, b, 0, 2, 4, 6);
    const high = v128.shuffle<u32>(a, b, 1, 3, 5, 7);
    bad = v128.or(bad, v128.or(high, v128.ge<u32>(low, vq)));
    v128.store(out + i, low);
  }
  return v128.any_true(bad) ? 0 : 1;
}

export function widen(words: usize, row: usize, n: u32): void {
  const zero = i32x4.splat(0);
  for (let i: usize = 0; i < (n as usize) << 2; i += 16) {
    const x = v128.load(row + i);
    v128.store(words + 2 * i, v128.shuffle<u32>(x, zero, 0, 4, 1, 5));
    v128.store(words + 2 * i, v128.shuffle<u32>(x, zero, 2, 6, 3, 7), 16);
  }
}

/** Residues of integers held as doubles, below 2^50 in magnitude. */
export function reduceSmall(out: usize, coefficients: usize, n: u32, q: u32): void {
  const prime = f64x2.splat(q as f64);
  const reciprocal = f64x2.splat(1 / (q as f64));
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < (n as usize) << 2; i += 8) {
    const c = v128.load(coefficients + 2 * i);
    const times = v128.nearest<f64>(v128.mul<f64>(c, reciprocal));
    const r = v128.sub<f64>(c, v128.mul<f64>(times, prime));
    const residue = v128.add<f64>(r, v128.and(v128.lt<f64>(r, zero), prime));
    v128.store64_lane(out + i, i32x4.trunc_sat_f64x2_u_zero(residue), 0);
  }
}

/** Residues of integers held as doubles, below 2^62 in magnitude. */
export function reduceLarge(out: usize, coefficients: usize, n: u32, q: u32): void {
  const reciprocal: f64 = 1 / (q as f64);
  const prime = q as i64;
  for (let i: usize = 0; i < (n as usize) << 2; i += 4) {
    const c = load<f64>(coefficients + 2 * i);
    let r = (c as i64) - (nearest<f64>(c * reciprocal) as i64) * prime;
    if (r < 0) r += prime;
    else if (r >= prime) r -= prime;
    store<u32>(out + i, r as u32);
  }
}
