// Matrix product in single precision: c (+)= a b with any strides, so that transposed operands are read where they lie.
// Blocks of a and b are packed into panels that the inner kernel reads from end to end (Goto, van de Geijn: "Anatomy of
// High-Performance Matrix Multiplication"): 4 rows of a, 8 columns of b, their 32 products in 8 vectors, which with two
// vectors of b and one entry of a is what engines keep in registers.
import { storeTransposed } from './lanes';

/** Rows of a in a panel, columns of b in a panel. */
const MR = 4;
const NR = 8;
/** Depth of a block: a panel of b, 8 KB, stays in the first cache. */
const KC = 256;
/** Rows of a block of a: 96 KB in the second cache. */
const MC = 96;
/** Columns of a block of b: 512 KB. */
const NC = 512;

/** Bytes of work space: a block of a, a block of b, a tile of c. */
export const GEMM_WORK: usize = (MC * KC + NC * KC + MR * NR) * 4;

/** Four lines of `depth` numbers side by side: entry p of each at `to` + p * `run`. Lines lie `line` bytes apart, entries 4. */
function packLines(to: usize, run: usize, from: usize, line: usize, depth: i32): void {
  let p = 0;
  const second = from + line;
  const third = second + line;
  const fourth = third + line;
  let at: usize = 0;
  for (; p + 4 <= depth; p += 4, at += 16, to += 4 * run)
    storeTransposed(to, run, v128.load(from + at), v128.load(second + at), v128.load(third + at), v128.load(fourth + at));
  for (; p < depth; p++, at += 4, to += run) {
    store<f32>(to, load<f32>(from + at));
    store<f32>(to, load<f32>(second + at), 4);
    store<f32>(to, load<f32>(third + at), 8);
    store<f32>(to, load<f32>(fourth + at), 12);
  }
}

/**
 * A panel of `width` (4 or 8) lines of `depth` numbers: entry p of every line side by side. Line l begins at from +
 * l * line, its entries lie `step` apart; lines from `lines` on are zeros.
 */
function packPanel(to: usize, width: i32, from: usize, line: usize, step: usize, lines: i32, depth: i32): void {
  const run = (<usize>width) << 2;
  if (lines == width && step == 4) {
    packLines(to, run, from, line, depth);
    if (width == 8) packLines(to + 16, run, from + 4 * line, line, depth);
  } else if (lines == width && line == 4) {
    for (let p = 0; p < depth; p++, from += step, to += run) {
      v128.store(to, v128.load(from));
      if (width == 8) v128.store(to, v128.load(from, 16), 16);
    }
  } else {
    for (let p = 0; p < depth; p++, from += step, to += run) {
      let l = 0;
      for (; l < lines; l++) store<f32>(to + ((<usize>l) << 2), load<f32>(from + (<usize>l) * line));
      for (; l < width; l++) store<f32>(to + ((<usize>l) << 2), 0);
    }
  }
}

/** A tile of 4 x 8 entries of c; rows lie `row` bytes apart. */
function tile(c: usize, row: usize, a: usize, b: usize, depth: i32, accumulate: bool): void {
  const c1 = c + row;
  const c2 = c1 + row;
  const c3 = c2 + row;
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  if (accumulate) {
    s00 = v128.load(c);
    s01 = v128.load(c, 16);
    s10 = v128.load(c1);
    s11 = v128.load(c1, 16);
    s20 = v128.load(c2);
    s21 = v128.load(c2, 16);
    s30 = v128.load(c3);
    s31 = v128.load(c3, 16);
  }
  const end = a + ((<usize>depth) << 4);
  for (; a < end; a += 16, b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load32_splat(a, 4);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    const x2 = v128.load32_splat(a, 8);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    const x3 = v128.load32_splat(a, 12);
    s30 = f32x4.add(s30, f32x4.mul(x3, b0));
    s31 = f32x4.add(s31, f32x4.mul(x3, b1));
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/** A tile at the edge of c, of which `rows` x `cols` entries are there, by way of a whole tile in `work`. */
function edgeTile(
  c: usize, row: usize, a: usize, b: usize, depth: i32, accumulate: bool, rows: i32, cols: i32, work: usize,
): void {
  tile(work, 32, a, b, depth, false);
  for (let i = 0; i < rows; i++, c += row, work += 32) {
    for (let j: usize = 0; j < (<usize>cols) << 2; j += 4) {
      const value = load<f32>(work + j);
      store<f32>(c + j, accumulate ? load<f32>(c + j) + value : value);
    }
  }
}

/**
 * c (+)= a b, of m x k and k x n entries. Strides in entries: of a from row to row and from column to column, of b
 * likewise, of c from row to row. `work` has GEMM_WORK bytes.
 */
export function gemm(
  c: usize, a: usize, b: usize, m: i32, k: i32, n: i32,
  aRow: i32, aColumn: i32, bRow: i32, bColumn: i32, cRow: i32, accumulate: bool, work: usize,
): void {
  const packedA = work;
  const packedB = work + MC * KC * 4;
  const corner = packedB + NC * KC * 4;
  const ar = (<usize>aRow) << 2;
  const ac = (<usize>aColumn) << 2;
  const br = (<usize>bRow) << 2;
  const bc = (<usize>bColumn) << 2;
  const cr = (<usize>cRow) << 2;
  if (k == 0 && !accumulate) for (let i = 0; i < m; i++) memory.fill(c + <usize>i * cr, 0, (<usize>n) << 2);
  for (let j = 0; j < n; j += NC) {
    const cols = min(NC, n - j);
    for (let p = 0; p < k; p += KC) {
      const depth = min(KC, k - p);
      const more = accumulate || p > 0;
      const panelA = (<usize>depth) * (MR * 4);
      const panelB = (<usize>depth) * (NR * 4);
      let to = packedB;
      for (let l = 0; l < cols; l += NR, to += panelB)
        packPanel(to, NR, b + <usize>p * br + <usize>(j + l) * bc, bc, br, min(NR, cols - l), depth);
      for (let i = 0; i < m; i += MC) {
        const rows = min(MC, m - i);
        to = packedA;
        for (let l = 0; l < rows; l += MR, to += panelA)
          packPanel(to, MR, a + <usize>(i + l) * ar + <usize>p * ac, ar, ac, min(MR, rows - l), depth);
        let right = packedB;
        for (let l = 0; l < cols; l += NR, right += panelB) {
          let left = packedA;
          let out = c + <usize>i * cr + ((<usize>(j + l)) << 2);
          for (let h = 0; h < rows; h += MR, left += panelA, out += MR * cr) {
            if (h + MR <= rows && l + NR <= cols) tile(out, cr, left, right, depth, more);
            else edgeTile(out, cr, left, right, depth, more, min(MR, rows - h), min(NR, cols - l), corner);
          }
        }
      }
    }
  }
}
