// Real numbers to fixed point and back. Rounding: to nearest, ties to even, once.

/** Returns the index of the first value that is not a number or whose scaled value is not below `limit` in
 *  magnitude, or -1 when all are encoded. `scale` and `limit` are powers of two. */
export function encode(out: usize, values: usize, n: i32, scale: f64, limit: f64): i32 {
  for (let i = 0; i < n; i++) {
    const o = (<usize>i) << 3;
    const scaled = nearest<f64>(load<f64>(values + o) * scale);
    if (!(abs<f64>(scaled) < limit)) return i;
    store<i64>(out + o, <i64>scaled);
  }
  return -1;
}

/** The scale is a power of two, so that the conversion is the only rounding. */
export function decode64(out: usize, words: usize, n: i32, scale: f64): void {
  for (let i = 0; i < n; i++) {
    const o = (<usize>i) << 3;
    store<f64>(out + o, <f64>load<i64>(words + o) * scale);
  }
}

export function decode32(out: usize, words: usize, n: i32, scale: f32): void {
  for (let i = 0; i < n; i++) {
    store<f32>(out + ((<usize>i) << 2), <f32>load<i64>(words + ((<usize>i) << 3)) * scale);
  }
}
