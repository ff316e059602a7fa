// Matrix product over Z_2^64, row-major with leading dimensions in words. One i64.mul a multiply-add is the limit of
// the machine; everything else has to hide beside it. Tiles of results in registers do not work here: engines leave
// a dozen registers to a kernel and load whole basic blocks ahead, so tiles spill. What works (94 % of the limit):
// sixteen entries of a row of A are fixed, and a panel of sixteen rows of B, packed so that each column is one run
// of 128 bytes, streams past them into a row of C: one load, one multiplication and one addition a term, one load
// and one store of C for sixteen terms. A panel of 128 columns is 16 KB and serves all rows while in the first cache.
import { packPanel, panelTimesRows } from './panel';

/** Columns of a panel. */
const NC = 128;
/** Rows of C that stay near while all panels of their columns pass: 64 x 128 words are 64 KB. */
const MC = 64;

/** Bytes of work space that gemm needs: one panel. */
export const GEMM_WORK: usize = 16 * NC * 8;

// @ts-ignore: decorator
@inline
function storeRow(c: usize, cols: i32, accumulate: bool, x0: u64, x1: u64, x2: u64, x3: u64): void {
  if (accumulate) {
    x0 += load<u64>(c);
    if (cols > 1) x1 += load<u64>(c, 8);
    if (cols > 2) x2 += load<u64>(c, 16);
    if (cols > 3) x3 += load<u64>(c, 24);
  }
  store<u64>(c, x0);
  if (cols > 1) store<u64>(c, x1, 8);
  if (cols > 2) store<u64>(c, x2, 16);
  if (cols > 3) store<u64>(c, x3, 24);
}

/** Few rows: B is read once, so packing it would not pay. One row of results, eight columns at a time. */
function rowTimesMatrix(c: usize, a: usize, b: usize, k: i32, n: i32, ldb: usize, accumulate: bool): void {
  const end = a + ((<usize>k) << 3);
  let j = 0;
  for (; j + 8 <= n; j += 8, b += 64, c += 64) {
    let s0: u64 = 0, s1: u64 = 0, s2: u64 = 0, s3: u64 = 0, s4: u64 = 0, s5: u64 = 0, s6: u64 = 0, s7: u64 = 0;
    let at = b;
    for (let p = a; p < end; p += 8, at += ldb) {
      const x = load<u64>(p);
      s0 += load<u64>(at) * x;
      s1 += load<u64>(at, 8) * x;
      s2 += load<u64>(at, 16) * x;
      s3 += load<u64>(at, 24) * x;
      s4 += load<u64>(at, 32) * x;
      s5 += load<u64>(at, 40) * x;
      s6 += load<u64>(at, 48) * x;
      s7 += load<u64>(at, 56) * x;
    }
    storeRow(c, 4, accumulate, s0, s1, s2, s3);
    storeRow(c + 32, 4, accumulate, s4, s5, s6, s7);
  }
  for (; j < n; j += 1, b += 8, c += 8) {
    let s: u64 = 0;
    let at = b;
    for (let p = a; p < end; p += 8, at += ldb) s += load<u64>(p) * load<u64>(at);
    storeRow(c, 1, accumulate, s, 0, 0, 0);
  }
}

/** One column of results: four rows of A at a time share each entry of the vector. */
function matrixTimesColumn(
  c: usize, a: usize, b: usize, m: i32, k: i32, lda: usize, ldb: usize, ldc: usize, accumulate: bool,
): void {
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    const a1 = a + lda;
    const a2 = a1 + lda;
    const a3 = a2 + lda;
    let s0: u64 = 0, s1: u64 = 0, s2: u64 = 0, s3: u64 = 0;
    let at = b;
    for (let p: usize = 0; p < (<usize>k) << 3; p += 8, at += ldb) {
      const x = load<u64>(at);
      s0 += load<u64>(a + p) * x;
      s1 += load<u64>(a1 + p) * x;
      s2 += load<u64>(a2 + p) * x;
      s3 += load<u64>(a3 + p) * x;
    }
    storeRow(c, 1, accumulate, s0, 0, 0, 0);
    storeRow(c + ldc, 1, accumulate, s1, 0, 0, 0);
    storeRow(c + 2 * ldc, 1, accumulate, s2, 0, 0, 0);
    storeRow(c + 3 * ldc, 1, accumulate, s3, 0, 0, 0);
    a = a3 + lda;
    c += 4 * ldc;
  }
  for (; i < m; i++, a += lda, c += ldc) {
    let s: u64 = 0;
    let at = b;
    for (let p: usize = 0; p < (<usize>k) << 3; p += 8, at += ldb) s += load<u64>(at) * load<u64>(a + p);
    storeRow(c, 1, accumulate, s, 0, 0, 0);
  }
}

/** c (+)= a * b for m x k by k x n. Leading dimensions in words; `work` has GEMM_WORK bytes. */
export function gemm(
  c: usize, a: usize, b: usize, m: i32, k: i32, n: i32, ldaWords: i32, ldbWords: i32, ldcWords: i32,
  accumulate: bool, work: usize,
): void {
  const lda = (<usize>ldaWords) << 3;
  const ldb = (<usize>ldbWords) << 3;
  const ldc = (<usize>ldcWords) << 3;
  if (n == 1) {
    matrixTimesColumn(c, a, b, m, k, lda, ldb, ldc, accumulate);
    return;
  }
  if (m < 4 || k == 0) {
    for (let i = 0; i < m; i++) rowTimesMatrix(c + <usize>i * ldc, a + <usize>i * lda, b, k, n, ldb, accumulate);
    return;
  }
  if (!accumulate) {
    for (let i = 0; i < m; i++) memory.fill(c + <usize>i * ldc, 0, (<usize>n) << 3);
  }
  for (let i = 0; i < m; i += MC) {
    const rows = min(MC, m - i);
    for (let j = 0; j < n; j += NC) {
      const cols = min(NC, n - j);
      const to = c + <usize>i * ldc + ((<usize>j) << 3);
      let from = b + ((<usize>j) << 3);
      let left = a + <usize>i * lda;
      let p = 0;
      for (; p + 16 <= k; p += 16) {
        packPanel(16, work, from, ldb, cols);
        panelTimesRows(16, to, work, left, cols, rows, lda, ldc);
        from += 16 * ldb;
        left += 128;
      }
      if (p + 8 <= k) {
        packPanel(8, work, from, ldb, cols);
        panelTimesRows(8, to, work, left, cols, rows, lda, ldc);
        from += 8 * ldb;
        left += 64;
        p += 8;
      }
      if (p + 4 <= k) {
        packPanel(4, work, from, ldb, cols);
        panelTimesRows(4, to, work, left, cols, rows, lda, ldc);
        from += 4 * ldb;
        left += 32;
        p += 4;
      }
      for (; p < k; p++) {
        panelTimesRows(1, to, from, left, cols, rows, lda, ldc);
        from += ldb;
        left += 8;
      }
    }
  }
}

/** The plain triple loop: the yardstick that the fast product is measured against. */
export function gemmPlain(c: usize, a: usize, b: usize, m: i32, k: i32, n: i32): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let s: u64 = 0;
      for (let p = 0; p < k; p++) {
        s += load<u64>(a + ((<usize>(i * k + p)) << 3)) * load<u64>(b + ((<usize>(p * n + j)) << 3));
      }
      store<u64>(c + ((<usize>(i * n + j)) << 3), s);
    }
  }
}

/** `iterations` independent multiplications, rounded up to a multiple of eight: what the multiplier can do. */
export function multiplierLimit(iterations: i32): u64 {
  let a: u64 = 3, b: u64 = 5, c: u64 = 7, d: u64 = 9, e: u64 = 11, f: u64 = 13, g: u64 = 15, h: u64 = 17;
  const x: u64 = <u64>iterations | 1;
  for (let i = 0; i < iterations; i += 8) {
    a *= x;
    b *= x;
    c *= x;
    d *= x;
    e *= x;
    f *= x;
    g *= x;
    h *= x;
  }
  return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
}
