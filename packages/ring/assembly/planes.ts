// Words to bit planes and back, sixteen elements at a time: bytes are transposed with shuffles, then each bit of
// a byte column is one movemask. Cost follows the number of planes asked for, not 64.
// A plane of n elements has 2 * ceil(n / 128) words; bits beyond n are zero.

/** Byte columns first..first+3 (first is 0 or 4) of sixteen words at `words`, stored as four vectors at `out`. */
// @ts-ignore: decorator
@inline
function byteColumns(out: usize, words: usize, high: bool): void {
  const a = v128.load(words);
  const b = v128.load(words, 16);
  const c = v128.load(words, 32);
  const d = v128.load(words, 48);
  const e = v128.load(words, 64);
  const f = v128.load(words, 80);
  const g = v128.load(words, 96);
  const h = v128.load(words, 112);
  let ab: v128, cd: v128, ef: v128, gh: v128;
  if (high) {
    ab = i8x16.shuffle(a, b, 4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31);
    cd = i8x16.shuffle(c, d, 4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31);
    ef = i8x16.shuffle(e, f, 4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31);
    gh = i8x16.shuffle(g, h, 4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31);
  } else {
    ab = i8x16.shuffle(a, b, 0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
    cd = i8x16.shuffle(c, d, 0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
    ef = i8x16.shuffle(e, f, 0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
    gh = i8x16.shuffle(g, h, 0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
  }
  const ad0 = v128.shuffle<i32>(ab, cd, 0, 4, 1, 5);
  const ad1 = v128.shuffle<i32>(ab, cd, 2, 6, 3, 7);
  const eh0 = v128.shuffle<i32>(ef, gh, 0, 4, 1, 5);
  const eh1 = v128.shuffle<i32>(ef, gh, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(ad0, eh0, 0, 2));
  v128.store(out, v128.shuffle<i64>(ad0, eh0, 1, 3), 16);
  v128.store(out, v128.shuffle<i64>(ad1, eh1, 0, 2), 32);
  v128.store(out, v128.shuffle<i64>(ad1, eh1, 1, 3), 48);
}

/** `work` is 256 bytes. planeBytes is the distance between planes, 16 * ceil(n / 128). */
export function toPlanes(
  planes: usize, words: usize, n: i32, firstBit: i32, count: i32, planeBytes: usize, work: usize,
): void {
  const lastBit = firstBit + count - 1;
  const useLow = firstBit < 32;
  const useHigh = lastBit >= 32;
  const columns = work + 128;
  for (let i = 0; i < n; i += 16) {
    let from = words + ((<usize>i) << 3);
    if (n - i < 16) {
      memory.fill(work, 0, 128);
      memory.copy(work, from, (<usize>(n - i)) << 3);
      from = work;
    }
    if (useLow) byteColumns(columns, from, false);
    if (useHigh) byteColumns(columns + 64, from, true);
    let plane = planes + ((<usize>i) >> 3);
    let bit = firstBit;
    while (bit <= lastBit) {
      const stop = min(lastBit, bit | 7);
      // The highest wanted bit of each byte to its sign, then one place up for each bit below it.
      let column = i16x8.shl(v128.load(columns + ((<usize>(bit >> 3)) << 4)), 7 - (stop & 7));
      let at = plane + <usize>(stop - bit) * planeBytes;
      for (let j = stop; j >= bit; j--) {
        store<u16>(at, <u16>i8x16.bitmask(column));
        at -= planeBytes;
        column = i8x16.add(column, column);
      }
      plane += <usize>(stop + 1 - bit) * planeBytes;
      bit = stop + 1;
    }
  }
  const used = (<usize>((n + 15) >> 4)) << 1;
  if (used < planeBytes) {
    for (let j = 0; j < count; j++) memory.fill(planes + <usize>j * planeBytes + used, 0, planeBytes - used);
  }
}

/** Adds one plane's sixteen bits at `plane` to a byte column as the given bit. */
// @ts-ignore: decorator
@inline
function spread(column: v128, plane: usize, bit: i32): v128 {
  const pick = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const both = v128.load16_splat(plane);
  const bytes = i8x16.shuffle(both, both, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const set = i8x16.eq(v128.and(bytes, pick), pick);
  return v128.or(column, v128.and(set, i8x16.splat(<i8>((<i32>1) << bit))));
}

/** out = sum of planes[j] << (firstBit + j); all other bits are zero. `work` is 256 bytes. */
export function fromPlanes(
  words: usize, planes: usize, n: i32, firstBit: i32, count: i32, planeBytes: usize, work: usize,
): void {
  const lastBit = firstBit + count - 1;
  const columns = work + 128;
  memory.fill(columns, 0, 128);
  for (let i = 0; i < n; i += 16) {
    let plane = planes + ((<usize>i) >> 3);
    let bit = firstBit;
    while (bit <= lastBit) {
      const at = columns + ((<usize>(bit >> 3)) << 4);
      const stop = min(lastBit, bit | 7);
      let column = i64x2.splat(0);
      for (; bit <= stop; bit++) {
        column = spread(column, plane, bit & 7);
        plane += planeBytes;
      }
      v128.store(at, column);
    }
    const to = n - i < 16 ? work : words + ((<usize>i) << 3);
    // Byte columns back to words: interleave bytes, then 16-bit units, then 32-bit units.
    const c0 = v128.load(columns);
    const c1 = v128.load(columns, 16);
    const c2 = v128.load(columns, 32);
    const c3 = v128.load(columns, 48);
    const c4 = v128.load(columns, 64);
    const c5 = v128.load(columns, 80);
    const c6 = v128.load(columns, 96);
    const c7 = v128.load(columns, 112);
    storeHalf(
      to,
      lowBytes(c0, c1), lowBytes(c2, c3), lowBytes(c4, c5), lowBytes(c6, c7),
    );
    storeHalf(
      to + 64,
      highBytes(c0, c1), highBytes(c2, c3), highBytes(c4, c5), highBytes(c6, c7),
    );
    if (n - i < 16) memory.copy(words + ((<usize>i) << 3), work, (<usize>(n - i)) << 3);
  }
}

// @ts-ignore: decorator
@inline
function lowBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function highBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Eight words from four vectors of 16-bit units: b01, b23, b45, b67 of eight elements. */
// @ts-ignore: decorator
@inline
function storeHalf(to: usize, b01: v128, b23: v128, b45: v128, b67: v128): void {
  const lowA = v128.shuffle<i16>(b01, b23, 0, 8, 1, 9, 2, 10, 3, 11);
  const lowB = v128.shuffle<i16>(b01, b23, 4, 12, 5, 13, 6, 14, 7, 15);
  const highA = v128.shuffle<i16>(b45, b67, 0, 8, 1, 9, 2, 10, 3, 11);
  const highB = v128.shuffle<i16>(b45, b67, 4, 12, 5, 13, 6, 14, 7, 15);
  v128.store(to, v128.shuffle<i32>(lowA, highA, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<i32>(lowA, highA, 2, 6, 3, 7), 16);
  v128.store(to, v128.shuffle<i32>(lowB, highB, 0, 4, 1, 5), 32);
  v128.store(to, v128.shuffle<i32>(lowB, highB, 2, 6, 3, 7), 48);
}
