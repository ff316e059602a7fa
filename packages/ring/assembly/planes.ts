// Words to bit planes and back, 128 elements at a time: first the bytes are transposed (sixteen words to eight columns
// of bytes), then each column of 128 bytes as 16 squares of 8 x 8 bits, then the bytes of the squares again. Shuffles
// are those that engines map to one instruction. Cost follows the number of columns that the planes touch.
// A plane of n elements has 2 * ceil(n / 128) words; bits beyond n are zero.

/** Byte k of sixteen words at `words` as one vector at out + k * step, for k < 8. */
function columns16(out: usize, step: usize, words: usize): void {
  const a = v128.load(words);
  const b = v128.load(words, 16);
  const c = v128.load(words, 32);
  const d = v128.load(words, 48);
  const e = v128.load(words, 64);
  const f = v128.load(words, 80);
  const g = v128.load(words, 96);
  const h = v128.load(words, 112);
  // A vector holds elements 2i and 2i + 1; interleaving a with e puts 0 beside 8 and 1 beside 9, and so on, until
  // the elements of a byte come out in the order 0, 8, 4, 12, ... of the first interleaving undone by the others.
  const ae = low8(a, e);
  const AE = high8(a, e);
  const bf = low8(b, f);
  const BF = high8(b, f);
  const cg = low8(c, g);
  const CG = high8(c, g);
  const dh = low8(d, h);
  const DH = high8(d, h);
  // Elements 0 8 | 1 9 | 2 10 | 3 11 | 4 12 | 5 13 | 6 14 | 7 15; next 0 4 8 12, 1 5 9 13, 2 6 10 14, 3 7 11 15.
  const x0 = low8(ae, cg);
  const X0 = high8(ae, cg);
  const x1 = low8(AE, CG);
  const X1 = high8(AE, CG);
  const x2 = low8(bf, dh);
  const X2 = high8(bf, dh);
  const x3 = low8(BF, DH);
  const X3 = high8(BF, DH);
  // Next 0 2 4 ... 14 and 1 3 5 ... 15, two bytes a vector; last all sixteen.
  writePair(out, step, low8(x0, x2), low8(x1, x3));
  writePair(out + 2 * step, step, high8(x0, x2), high8(x1, x3));
  writePair(out + 4 * step, step, low8(X0, X2), low8(X1, X3));
  writePair(out + 6 * step, step, high8(X0, X2), high8(X1, X3));
}

// @ts-ignore: decorator
@inline
function writePair(out: usize, step: usize, even: v128, odd: v128): void {
  v128.store(out, low8(even, odd));
  v128.store(out + step, high8(even, odd));
}

// @ts-ignore: decorator
@inline
function low8(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function high8(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** The inverse: sixteen words at `out` from eight vectors of bytes at columns + k * step. */
function words16(out: usize, columns: usize, step: usize): void {
  const c0 = v128.load(columns);
  const c1 = v128.load(columns + step);
  const c2 = v128.load(columns + 2 * step);
  const c3 = v128.load(columns + 3 * step);
  columns += 4 * step;
  const c4 = v128.load(columns);
  const c5 = v128.load(columns + step);
  const c6 = v128.load(columns + 2 * step);
  const c7 = v128.load(columns + 3 * step);
  storeHalf(out, low8(c0, c1), low8(c2, c3), low8(c4, c5), low8(c6, c7));
  storeHalf(out + 64, high8(c0, c1), high8(c2, c3), high8(c4, c5), high8(c6, c7));
}

/** Eight words from their 16-bit units. */
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

/** Transposes the 8 x 8 bits of each of sixteen words in place (Warren, Hacker's Delight, section 7-3). */
function turnSquares(at: usize): void {
  const pairs = i64x2.splat(0x00aa00aa00aa00aa);
  const quads = i64x2.splat(0x0000cccc0000cccc);
  const halves = i64x2.splat(0x00000000f0f0f0f0);
  for (let i: usize = 0; i < 128; i += 16) {
    let x = v128.load(at + i);
    let t = v128.and(v128.xor(x, i64x2.shr_u(x, 7)), pairs);
    x = v128.xor(v128.xor(x, t), i64x2.shl(t, 7));
    t = v128.and(v128.xor(x, i64x2.shr_u(x, 14)), quads);
    x = v128.xor(v128.xor(x, t), i64x2.shl(t, 14));
    t = v128.and(v128.xor(x, i64x2.shr_u(x, 28)), halves);
    x = v128.xor(v128.xor(x, t), i64x2.shl(t, 28));
    v128.store(at + i, x);
  }
}

/** planes[j] = bit firstBit + j; planeBytes is the distance between planes. `work` is 2176 bytes. */
export function toPlanes(
  planes: usize, words: usize, n: i32, firstBit: i32, count: i32, planeBytes: usize, work: usize,
): void {
  const lastBit = firstBit + count - 1;
  const columns = work + 1024;
  const square = columns + 1024;
  for (let i = 0; i < n; i += 128, words += 1024, planes += 16) {
    let from = words;
    if (n - i < 128) {
      memory.fill(work, 0, 1024);
      memory.copy(work, from, (<usize>(n - i)) << 3);
      from = work;
    }
    for (let c: usize = 0; c < 8; c++) columns16(columns + (c << 4), 128, from + (c << 7));
    let plane = planes;
    for (let bit = firstBit; bit <= lastBit; ) {
      const column = columns + ((<usize>(bit >> 3)) << 7);
      turnSquares(column);
      columns16(square, 16, column);
      const stop = min(lastBit, bit | 7);
      for (; bit <= stop; bit++, plane += planeBytes) {
        v128.store(plane, v128.load(square + ((<usize>(bit & 7)) << 4)));
      }
    }
  }
}

/** words = sum of planes[j] << (firstBit + j); all other bits are zero. `work` is 2176 bytes. */
export function fromPlanes(
  words: usize, planes: usize, n: i32, firstBit: i32, count: i32, planeBytes: usize, work: usize,
): void {
  const lastBit = firstBit + count - 1;
  const columns = work + 1024;
  const square = columns + 1024;
  memory.fill(columns, 0, 1024);
  for (let i = 0; i < n; i += 128, words += 1024, planes += 16) {
    let plane = planes;
    for (let bit = firstBit; bit <= lastBit; ) {
      const stop = min(lastBit, bit | 7);
      if (stop - bit < 7) memory.fill(square, 0, 128);
      const column = columns + ((<usize>(bit >> 3)) << 7);
      for (; bit <= stop; bit++, plane += planeBytes) {
        v128.store(square + ((<usize>(bit & 7)) << 4), v128.load(plane));
      }
      words16(column, square, 16);
      turnSquares(column);
    }
    const to = n - i < 128 ? work : words;
    for (let c: usize = 0; c < 8; c++) words16(to + (c << 7), columns + (c << 4), 128);
    if (n - i < 128) memory.copy(words, work, (<usize>(n - i)) << 3);
  }
}
