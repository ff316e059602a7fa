// From slot values to coefficients: the inverse of the canonical embedding. A real polynomial p of degree below 2n is
// taken as the complex polynomial q = p_low + i p_high of degree below n: at the roots zeta^(4k+1), where zeta^n = i,
// both have the same values. So q_m = zeta^-m / n * sum over k of value_k omega^-mk, omega = zeta^4: a Fourier transform.

// @ts-ignore: decorator
@inline
function times(x: v128, w: usize): v128 {
  const wr = v128.load64_splat(w);
  const wi = v128.load64_splat(w, 8);
  const sign = f64x2.replace_lane(f64x2.splat(1), 0, -1);
  return v128.add<f64>(
    v128.mul<f64>(x, wr),
    v128.mul<f64>(v128.mul<f64>(v128.shuffle<f64>(x, x, 1, 0), wi), sign),
  );
}

/**
 * coefficients (2n doubles) = rounded coefficients of `scale` times the polynomial with these values; returns the
 * largest magnitude. values: n doubles. order: for each place of a bit-reversed transform the number of the value that
 * belongs there. roots: n/2 powers of omega^-1, then n powers of zeta^-1, as pairs of doubles. work: 16n bytes.
 */
export function embed(
  coefficients: usize,
  values: usize,
  n: u32,
  order: usize,
  roots: usize,
  work: usize,
  scale: f64,
): f64 {
  const bytes = (n as usize) << 4;
  for (let i: usize = 0; i < n; i++) {
    const value = load<f64>(values + ((load<u32>(order + (i << 2)) as usize) << 3));
    store<f64>(work + (i << 4), value);
    store<f64>(work + (i << 4), 0, 8);
  }
  let rootStep: usize = (n as usize) << 3; // bytes between the roots of a layer: n/2 entries of 16
  for (let stride: usize = 16; stride < bytes; stride <<= 1) {
    for (let block = work; block < work + bytes; block += stride << 1) {
      let root = roots;
      for (let a = block; a < block + stride; a += 16) {
        const x = v128.load(a);
        const y = times(v128.load(a + stride), root);
        v128.store(a, v128.add<f64>(x, y));
        v128.store(a + stride, v128.sub<f64>(x, y));
        root += rootStep;
      }
    }
    rootStep >>= 1;
  }
  const twists = roots + ((n as usize) << 3);
  const factor = f64x2.splat(scale / (n as f64));
  let largest = f64x2.splat(0);
  for (let i: usize = 0; i < n; i++) {
    const c = v128.nearest<f64>(v128.mul<f64>(times(v128.load(work + (i << 4)), twists + (i << 4)), factor));
    largest = v128.max<f64>(largest, v128.abs<f64>(c));
    v128.store64_lane(coefficients + (i << 3), c, 0);
    v128.store64_lane(coefficients + ((i + n) << 3), c, 1);
  }
  return max<f64>(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
}
