// Matrix product over Z_2^64, row-major with leading dimensions in words. One i64.mul a multiply-add is the limit
// of the machine, so everything else has to hide beside it: a 2x4 tile of results stays in registers while packed
// panels of A (two rows) and B (four columns) stream past. KC rows of a panel keep B's panel in the first-level
// cache, MC rows of A in the second.

const KC = 256;
const MC = 128;

// @ts-ignore: decorator
@inline
function roundUp(x: i32, to: i32): i32 {
  return (x + to - 1) & -to;
}

/** Bytes of work space that gemm needs for these sizes. */
export function gemmWorkBytes(m: i32, k: i32, n: i32): usize {
  const depth = min(k, KC);
  return (<usize>depth * <usize>(roundUp(n, 4) + roundUp(min(m, MC), 2))) << 3;
}

/** Rows [0, rows) x [0, depth) of A as pairs of rows: p-th entry of both, then the next p. */
function packA(to: usize, a: usize, lda: usize, rows: i32, depth: i32): void {
  for (let i = 0; i < rows; i += 2) {
    let r0 = a + <usize>i * lda;
    const both = i + 1 < rows;
    let r1 = both ? r0 + lda : r0;
    const clear = i64x2.splat(both ? -1 : 0);
    const whole = r0 + ((<usize>(depth & ~1)) << 3);
    for (; r0 < whole; r0 += 16, r1 += 16, to += 32) {
      const x = v128.load(r0);
      const y = v128.and(v128.load(r1), clear);
      v128.store(to, v128.shuffle<i64>(x, y, 0, 2));
      v128.store(to, v128.shuffle<i64>(x, y, 1, 3), 16);
    }
    if (depth & 1) {
      store<u64>(to, load<u64>(r0));
      store<u64>(to, both ? load<u64>(r1) : 0, 8);
      to += 16;
    }
  }
}

/** Rows [0, depth) x [0, cols) of B as panels of four columns, the last one filled up with zeros. */
function packB(to: usize, b: usize, ldb: usize, depth: i32, cols: i32): void {
  const panel = (<usize>depth) << 5;
  const whole = cols & ~3;
  let p = 0;
  // Four rows at a time, so that a panel gets two whole cache lines at each visit.
  for (; p + 4 <= depth; p += 4) {
    let row = b + <usize>p * ldb;
    let at = to + ((<usize>p) << 5);
    for (let j = 0; j < whole; j += 4, row += 32, at += panel) {
      const r1 = row + ldb;
      const r2 = r1 + ldb;
      const r3 = r2 + ldb;
      v128.store(at, v128.load(row));
      v128.store(at, v128.load(row, 16), 16);
      v128.store(at, v128.load(r1), 32);
      v128.store(at, v128.load(r1, 16), 48);
      v128.store(at, v128.load(r2), 64);
      v128.store(at, v128.load(r2, 16), 80);
      v128.store(at, v128.load(r3), 96);
      v128.store(at, v128.load(r3, 16), 112);
    }
  }
  for (; p < depth; p++) {
    let row = b + <usize>p * ldb;
    let at = to + ((<usize>p) << 5);
    for (let j = 0; j < whole; j += 4, row += 32, at += panel) {
      v128.store(at, v128.load(row));
      v128.store(at, v128.load(row, 16), 16);
    }
  }
  if (whole < cols) {
    let at = to + <usize>(whole >> 2) * panel;
    let row = b + ((<usize>whole) << 3);
    for (p = 0; p < depth; p++, row += ldb, at += 32) {
      for (let j: usize = 0; j < 4; j++) {
        store<u64>(at + (j << 3), whole + <i32>j < cols ? load<u64>(row + (j << 3)) : 0);
      }
    }
  }
}

/** One 2x4 tile: c (+)= panel of A times panel of B; only rows x cols of it are stored. */
function tile(
  c: usize, ldc: usize, a: usize, b: usize, depth: i32, rows: i32, cols: i32, accumulate: bool,
): void {
  let c00: u64 = 0, c01: u64 = 0, c02: u64 = 0, c03: u64 = 0;
  let c10: u64 = 0, c11: u64 = 0, c12: u64 = 0, c13: u64 = 0;
  const end = b + ((<usize>depth) << 5);
  const whole = b + ((<usize>(depth & ~1)) << 5);
  while (b < whole) {
    let x = load<u64>(a);
    let y = load<u64>(a, 8);
    let z = load<u64>(b);
    c00 += x * z;
    c10 += y * z;
    z = load<u64>(b, 8);
    c01 += x * z;
    c11 += y * z;
    z = load<u64>(b, 16);
    c02 += x * z;
    c12 += y * z;
    z = load<u64>(b, 24);
    c03 += x * z;
    c13 += y * z;
    x = load<u64>(a, 16);
    y = load<u64>(a, 24);
    z = load<u64>(b, 32);
    c00 += x * z;
    c10 += y * z;
    z = load<u64>(b, 40);
    c01 += x * z;
    c11 += y * z;
    z = load<u64>(b, 48);
    c02 += x * z;
    c12 += y * z;
    z = load<u64>(b, 56);
    c03 += x * z;
    c13 += y * z;
    a += 32;
    b += 64;
  }
  if (b < end) {
    const x = load<u64>(a);
    const y = load<u64>(a, 8);
    let z = load<u64>(b);
    c00 += x * z;
    c10 += y * z;
    z = load<u64>(b, 8);
    c01 += x * z;
    c11 += y * z;
    z = load<u64>(b, 16);
    c02 += x * z;
    c12 += y * z;
    z = load<u64>(b, 24);
    c03 += x * z;
    c13 += y * z;
  }
  storeRow(c, cols, accumulate, c00, c01, c02, c03);
  if (rows > 1) storeRow(c + ldc, cols, accumulate, c10, c11, c12, c13);
}

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
      s0 += x * load<u64>(at);
      s1 += x * load<u64>(at, 8);
      s2 += x * load<u64>(at, 16);
      s3 += x * load<u64>(at, 24);
      s4 += x * load<u64>(at, 32);
      s5 += x * load<u64>(at, 40);
      s6 += x * load<u64>(at, 48);
      s7 += x * load<u64>(at, 56);
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
      s0 += x * load<u64>(a + p);
      s1 += x * load<u64>(a1 + p);
      s2 += x * load<u64>(a2 + p);
      s3 += x * load<u64>(a3 + p);
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

/** c (+)= a * b for m x k by k x n. Leading dimensions in words; `work` has gemmWorkBytes(m, k, n) bytes. */
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
  const packedA = work + ((<usize>min(k, KC) * <usize>roundUp(n, 4)) << 3);
  for (let p = 0; p < k; p += KC) {
    const depth = min(KC, k - p);
    const add = accumulate || p > 0;
    packB(work, b + <usize>p * ldb, ldb, depth, n);
    for (let i = 0; i < m; i += MC) {
      const rows = min(MC, m - i);
      packA(packedA, a + <usize>i * lda + ((<usize>p) << 3), lda, rows, depth);
      let panelB = work;
      for (let j = 0; j < n; j += 4, panelB += (<usize>depth) << 5) {
        let panelA = packedA;
        let at = c + <usize>i * ldc + ((<usize>j) << 3);
        for (let r = 0; r < rows; r += 2, panelA += (<usize>depth) << 4, at += 2 * ldc) {
          tile(at, ldc, panelA, panelB, depth, rows - r, n - j, add);
        }
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
