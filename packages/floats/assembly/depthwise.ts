// Convolution of each channel by itself. A plane is copied into a larger one with zeros around it, whose rows are long
// enough that vectors may run over the end of the output; then all taps of a kernel go into registers, four output
// columns a vector.

/**
 * A plane with zeros around it and, for the way back, between its elements: element (y, x) comes to row top + y * stepH,
 * column left + x * stepW of `rows` rows of `row` numbers. What lies outside is left out.
 */
export function padPlane(
  to: usize, rows: i32, row: i32, x: usize, height: i32, width: i32, top: i32, left: i32, stepH: i32, stepW: i32,
): void {
  memory.fill(to, 0, (<usize>(rows * row)) << 2);
  // Columns [begin, end) of the plane come to columns that are there.
  const begin = left >= 0 ? 0 : min(width, (stepW - 1 - left) / stepW);
  const end = left >= row ? 0 : min(width, (row - 1 - left) / stepW + 1);
  for (let y = 0; y < height; y++) {
    const i = top + y * stepH;
    if (i < 0 || i >= rows) continue;
    let from = x + ((<usize>(y * width + begin)) << 2);
    const stop = x + ((<usize>(y * width + end)) << 2);
    let out = to + ((<usize>(i * row + left + begin * stepW)) << 2);
    if (stepW == 1) {
      for (; from + 16 <= stop; from += 16, out += 16) v128.store(out, v128.load(from));
      for (; from < stop; from += 4, out += 4) store<f32>(out, load<f32>(from));
    } else {
      const step = (<usize>stepW) << 2;
      for (; from < stop; from += 4, out += step) store<f32>(out, load<f32>(from));
    }
  }
}

/** Four columns of a padded row, `stride` apart. */
// @ts-ignore: decorator
@inline
function columns(at: usize, stride: i32): v128 {
  if (stride == 1) return v128.load(at);
  if (stride == 2) return v128.shuffle<f32>(v128.load(at), v128.load(at, 16), 0, 2, 4, 6);
  const step = (<usize>stride) << 2;
  let v = v128.load32_zero(at);
  v = v128.load_lane<f32>(at + step, v, 1);
  v = v128.load_lane<f32>(at + 2 * step, v, 2);
  return v128.load_lane<f32>(at + 3 * step, v, 3);
}

// @ts-ignore: decorator
@inline
function convolveRows(
  out: usize, height: i32, width: i32, plane: usize, row: i32, weights: usize, offsets: usize, taps: i32,
  strideH: i32, strideW: i32, bias: f32,
): void {
  const rowStep = (<usize>(row * strideH)) << 2;
  const step = (<usize>strideW) << 4;
  const tapEnd = (<usize>taps) << 2;
  const start = f32x4.splat(bias);
  for (let i = 0; i < height; i++, plane += rowStep) {
    let from = plane;
    let j = 0;
    for (; j + 8 <= width; j += 8, out += 32, from += 2 * step) {
      let s0 = start, s1 = start;
      for (let t: usize = 0; t < tapEnd; t += 4) {
        const w = v128.load32_splat(weights + t);
        const at = from + <usize>load<u32>(offsets + t);
        s0 = f32x4.add(s0, f32x4.mul(columns(at, strideW), w));
        s1 = f32x4.add(s1, f32x4.mul(columns(at + step, strideW), w));
      }
      v128.store(out, s0);
      v128.store(out, s1, 16);
    }
    for (; j < width; j += 4, from += step) {
      let s = start;
      for (let t: usize = 0; t < tapEnd; t += 4)
        s = f32x4.add(s, f32x4.mul(columns(from + <usize>load<u32>(offsets + t), strideW), v128.load32_splat(weights + t)));
      const count = min(4, width - j);
      if (count == 4) v128.store(out, s);
      else {
        store<f32>(out, f32x4.extract_lane(s, 0));
        if (count > 1) store<f32>(out, f32x4.extract_lane(s, 1), 4);
        if (count > 2) store<f32>(out, f32x4.extract_lane(s, 2), 8);
      }
      out += (<usize>count) << 2;
    }
  }
}

/**
 * Output plane of height x width from a padded plane with rows of `row` numbers. offsets: of each tap, in bytes from the
 * first element of a window.
 */
export function convolvePlane(
  out: usize, height: i32, width: i32, plane: usize, row: i32, weights: usize, offsets: usize, taps: i32,
  strideH: i32, strideW: i32, bias: f32,
): void {
  if (strideW == 1) convolveRows(out, height, width, plane, row, weights, offsets, taps, strideH, 1, bias);
  else if (strideW == 2) convolveRows(out, height, width, plane, row, weights, offsets, taps, strideH, 2, bias);
  else convolveRows(out, height, width, plane, row, weights, offsets, taps, strideH, strideW, bias);
}

// @ts-ignore: decorator
@inline
function correlateRows(
  out: usize, dy: usize, height: i32, vectors: i32, plane: usize, row: i32, offsets: usize, taps: i32,
  strideH: i32, strideW: i32,
): void {
  const rowStep = (<usize>(row * strideH)) << 2;
  const step = (<usize>strideW) << 4;
  for (let t: usize = 0; t < (<usize>taps) << 2; t += 4) {
    let base = plane + <usize>load<u32>(offsets + t);
    let at = dy;
    let sum: f64 = 0;
    for (let i = 0; i < height; i++, base += rowStep) {
      let s = f32x4.splat(0);
      let from = base;
      for (let j = 0; j < vectors; j++, from += step, at += 16)
        s = f32x4.add(s, f32x4.mul(columns(from, strideW), v128.load(at)));
      sum += <f64>((f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1)) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3)));
    }
    store<f32>(out + t, <f32>(<f64>load<f32>(out + t) + sum));
  }
}

/**
 * Adds to each tap's weight cotangent: the sum of the output's cotangent times what the tap has seen. Rows of dy are
 * `vectors` times four numbers long, with zeros behind the output.
 */
export function correlatePlane(
  out: usize, dy: usize, height: i32, vectors: i32, plane: usize, row: i32, offsets: usize, taps: i32,
  strideH: i32, strideW: i32,
): void {
  if (strideW == 1) correlateRows(out, dy, height, vectors, plane, row, offsets, taps, strideH, 1);
  else if (strideW == 2) correlateRows(out, dy, height, vectors, plane, row, offsets, taps, strideH, 2);
  else correlateRows(out, dy, height, vectors, plane, row, offsets, taps, strideH, strideW);
}
