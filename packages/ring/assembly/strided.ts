// Copies whose source is strided: what transposes are made of.

/** Edge of the square tiles in which a transpose is walked, so that both sides stay in the cache. */
const TILE = 16;

/** out[i, j] = a[i * rowStride + j * colStride], strides in words; they may be 0 or negative. */
export function copyStrided(out: usize, a: usize, rows: i32, cols: i32, rowStride: i32, colStride: i32): void {
  const step = (<isize>colStride) << 3;
  const down = (<isize>rowStride) << 3;
  const width = abs(colStride) > abs(rowStride) ? TILE : cols;
  for (let j0 = 0; j0 < cols; j0 += width) {
    const count = min(width, cols - j0);
    let row = a + <usize>(step * j0);
    let to = out + ((<usize>j0) << 3);
    for (let i = 0; i < rows; i++) {
      let source = row;
      let target = to;
      const end = to + ((<usize>count) << 3);
      while (target + 32 <= end) {
        store<u64>(target, load<u64>(source));
        store<u64>(target, load<u64>(source + step), 8);
        store<u64>(target, load<u64>(source + 2 * step), 16);
        store<u64>(target, load<u64>(source + 3 * step), 24);
        source += 4 * step;
        target += 32;
      }
      for (; target < end; target += 8, source += step) store<u64>(target, load<u64>(source));
      row += down;
      to += (<usize>cols) << 3;
    }
  }
}
