// What each tap of a kernel sees of an image, as rows of a matrix (im2col), and the way back, where what several
// windows have seen is added up. Columns are the output positions of some rows of the output.

/** Patches of `channels` planes for output rows [first, first + rows): one row a channel and tap, rows * outWidth columns. */
export function gatherPatches(
  to: usize, x: usize, channels: i32, height: i32, width: i32, kernelH: i32, kernelW: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32, outWidth: i32, first: i32, rows: i32,
): void {
  const plane = (<usize>(height * width)) << 2;
  for (let c = 0; c < channels; c++, x += plane) {
    for (let ky = 0; ky < kernelH; ky++) {
      for (let kx = 0; kx < kernelW; kx++) {
        const shift = kx * dilationW - left;
        // Columns from `begin` to `end` lie inside of the image.
        const begin = min(outWidth, shift >= 0 ? 0 : (strideW - 1 - shift) / strideW);
        const end = max(begin, min(outWidth, width - 1 - shift < 0 ? 0 : (width - 1 - shift) / strideW + 1));
        for (let i = first; i < first + rows; i++) {
          const y = i * strideH + ky * dilationH - top;
          if (y < 0 || y >= height) {
            memory.fill(to, 0, (<usize>outWidth) << 2);
            to += (<usize>outWidth) << 2;
            continue;
          }
          if (begin > 0) memory.fill(to, 0, (<usize>begin) << 2);
          let out = to + ((<usize>begin) << 2);
          const stop = to + ((<usize>end) << 2);
          let from = x + ((<usize>(y * width + begin * strideW + shift)) << 2);
          if (strideW == 1) {
            for (; out + 16 <= stop; out += 16, from += 16) v128.store(out, v128.load(from));
            for (; out < stop; out += 4, from += 4) store<f32>(out, load<f32>(from));
          } else {
            const step = (<usize>strideW) << 2;
            for (; out < stop; out += 4, from += step) store<f32>(out, load<f32>(from));
          }
          to += (<usize>outWidth) << 2;
          if (end < outWidth) memory.fill(stop, 0, to - stop);
        }
      }
    }
  }
}

/** Adds patches, laid out as above, to the places of the planes that they were seen at. */
export function scatterPatches(
  x: usize, from: usize, channels: i32, height: i32, width: i32, kernelH: i32, kernelW: i32,
  strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, top: i32, left: i32, outWidth: i32, first: i32, rows: i32,
): void {
  const plane = (<usize>(height * width)) << 2;
  for (let c = 0; c < channels; c++, x += plane) {
    for (let ky = 0; ky < kernelH; ky++) {
      for (let kx = 0; kx < kernelW; kx++) {
        const shift = kx * dilationW - left;
        const begin = min(outWidth, shift >= 0 ? 0 : (strideW - 1 - shift) / strideW);
        const end = max(begin, min(outWidth, width - 1 - shift < 0 ? 0 : (width - 1 - shift) / strideW + 1));
        for (let i = first; i < first + rows; i++, from += (<usize>outWidth) << 2) {
          const y = i * strideH + ky * dilationH - top;
          if (y < 0 || y >= height) continue;
          let at = from + ((<usize>begin) << 2);
          const stop = from + ((<usize>end) << 2);
          let out = x + ((<usize>(y * width + begin * strideW + shift)) << 2);
          if (strideW == 1) {
            for (; at + 16 <= stop; at += 16, out += 16)
              v128.store(out, f32x4.add(v128.load(out), v128.load(at)));
            for (; at < stop; at += 4, out += 4) store<f32>(out, load<f32>(out) + load<f32>(at));
          } else {
            const step = (<usize>strideW) << 2;
            for (; at < stop; at += 4, out += step) store<f32>(out, load<f32>(out) + load<f32>(at));
          }
        }
      }
    }
  }
}
