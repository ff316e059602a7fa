// Strassen's product in Winograd's form: 7 products and 15 sums of quarter matrices instead of 8 products. Exact
// in a ring. Schedule with two temporaries: Boyer, Dumas, Pernet, Zhou, "Memory efficient scheduling of
// Strassen-Winograd's matrix multiplication algorithm" (2009), table 1, the five last sums done in one pass.
// Sizes must be divisible: m by 2^levels, k and n by 2^(levels + 1).
import { GEMM_WORK, gemm } from './gemm';

const ADD = 0;
const SUB = 1;

// @ts-ignore: decorator
@inline
function lanes(op: i32, a: v128, b: v128): v128 {
  return op == ADD ? i64x2.add(a, b) : i64x2.sub(a, b);
}

// @ts-ignore: decorator
@inline
function combine(
  op: i32, out: usize, ldo: usize, a: usize, lda: usize, b: usize, ldb: usize, rows: i32, cols: i32,
): void {
  const width = (<usize>cols) << 3;
  const whole = width & ~63;
  for (let i = 0; i < rows; i++) {
    let j: usize = 0;
    for (; j < whole; j += 64) {
      const o = out + j;
      const x = a + j;
      const y = b + j;
      v128.store(o, lanes(op, v128.load(x), v128.load(y)));
      v128.store(o, lanes(op, v128.load(x, 16), v128.load(y, 16)), 16);
      v128.store(o, lanes(op, v128.load(x, 32), v128.load(y, 32)), 32);
      v128.store(o, lanes(op, v128.load(x, 48), v128.load(y, 48)), 48);
    }
    for (; j < width; j += 16) v128.store(out + j, lanes(op, v128.load(a + j), v128.load(b + j)));
    out += ldo;
    a += lda;
    b += ldb;
  }
}

function addBlock(
  out: usize, ldo: usize, a: usize, lda: usize, b: usize, ldb: usize, rows: i32, cols: i32,
): void {
  combine(ADD, out, ldo, a, lda, b, ldb, rows, cols);
}

function subBlock(
  out: usize, ldo: usize, a: usize, lda: usize, b: usize, ldb: usize, rows: i32, cols: i32,
): void {
  combine(SUB, out, ldo, a, lda, b, ldb, rows, cols);
}

/** With P1 in x, P3 in c11, P6 in c12, P7 in c21, P5 in c22: c12 = U5, c21 = U3, c22 = U7. */
function lastSums(c11: usize, c12: usize, c21: usize, c22: usize, ldc: usize, x: usize, rows: i32, cols: i32): void {
  const width = (<usize>cols) << 3;
  for (let i = 0; i < rows; i++) {
    for (let j: usize = 0; j < width; j += 16) {
      const p5 = v128.load(c22 + j);
      const u2 = i64x2.add(v128.load(x + j), v128.load(c12 + j));
      const u3 = i64x2.add(u2, v128.load(c21 + j));
      v128.store(c21 + j, u3);
      v128.store(c22 + j, i64x2.add(u3, p5));
      v128.store(c12 + j, i64x2.add(i64x2.add(u2, p5), v128.load(c11 + j)));
    }
    c11 += ldc;
    c12 += ldc;
    c21 += ldc;
    c22 += ldc;
    x += width;
  }
}

/** Bytes of work space that strassen needs for these sizes. */
export function strassenWorkBytes(m: i32, k: i32, n: i32, levels: i32): usize {
  let bytes: usize = 0;
  for (; levels > 0; levels--) {
    m >>= 1;
    k >>= 1;
    n >>= 1;
    bytes += (<usize>(m * max(k, n)) + <usize>(k * n)) << 3;
  }
  return bytes + GEMM_WORK;
}

/** c = a * b */
export function strassen(
  c: usize, a: usize, b: usize, m: i32, k: i32, n: i32, ldaWords: i32, ldbWords: i32, ldcWords: i32,
  levels: i32, work: usize,
): void {
  if (levels == 0) {
    gemm(c, a, b, m, k, n, ldaWords, ldbWords, ldcWords, false, work);
    return;
  }
  m >>= 1;
  k >>= 1;
  n >>= 1;
  levels--;
  const lda = (<usize>ldaWords) << 3;
  const ldb = (<usize>ldbWords) << 3;
  const ldc = (<usize>ldcWords) << 3;
  const a12 = a + ((<usize>k) << 3);
  const a21 = a + <usize>m * lda;
  const a22 = a21 + ((<usize>k) << 3);
  const b12 = b + ((<usize>n) << 3);
  const b21 = b + <usize>k * ldb;
  const b22 = b21 + ((<usize>n) << 3);
  const c12 = c + ((<usize>n) << 3);
  const c21 = c + <usize>m * ldc;
  const c22 = c21 + ((<usize>n) << 3);
  const x = work;
  const y = x + ((<usize>(m * max(k, n))) << 3);
  const rest = y + ((<usize>(k * n)) << 3);
  const xk = (<usize>k) << 3;
  const yn = (<usize>n) << 3;

  subBlock(x, xk, a, lda, a21, lda, m, k); // S3
  subBlock(y, yn, b22, ldb, b12, ldb, k, n); // T3
  strassen(c21, x, y, m, k, n, k, n, ldcWords, levels, rest); // P7
  addBlock(x, xk, a21, lda, a22, lda, m, k); // S1
  subBlock(y, yn, b12, ldb, b, ldb, k, n); // T1
  strassen(c22, x, y, m, k, n, k, n, ldcWords, levels, rest); // P5
  subBlock(x, xk, x, xk, a, lda, m, k); // S2
  subBlock(y, yn, b22, ldb, y, yn, k, n); // T2
  strassen(c12, x, y, m, k, n, k, n, ldcWords, levels, rest); // P6
  subBlock(x, xk, a12, lda, x, xk, m, k); // S4
  strassen(c, x, b22, m, k, n, k, ldbWords, ldcWords, levels, rest); // P3
  strassen(x, a, b, m, k, n, ldaWords, ldbWords, n, levels, rest); // P1
  lastSums(c, c12, c21, c22, ldc, x, m, n); // U5, U3, U7
  subBlock(y, yn, y, yn, b21, ldb, k, n); // T4
  strassen(c, a22, y, m, k, n, ldaWords, n, ldcWords, levels, rest); // P4
  subBlock(c21, ldc, c21, ldc, c, ldc, m, n); // U6
  strassen(c, a12, b21, m, k, n, ldaWords, ldbWords, ldcWords, levels, rest); // P2
  addBlock(c, ldc, c, ldc, x, yn, m, n); // U1
}

/** c += x for a block with leading dimensions; used when a product is split along k. */
export function addRect(c: usize, ldcWords: i32, x: usize, ldxWords: i32, rows: i32, cols: i32): void {
  const ldc = (<usize>ldcWords) << 3;
  addBlock(c, ldc, c, ldc, x, (<usize>ldxWords) << 3, rows, cols & ~1);
  if (cols & 1) {
    const last = (<usize>(cols - 1)) << 3;
    for (let i = 0; i < rows; i++) {
      const at = c + <usize>i * ldc + last;
      store<u64>(at, load<u64>(at) + load<u64>(x + (<usize>i * <usize>ldxWords << 3) + last));
    }
  }
}

/** Zeroes what lies beyond rows x cols in an array of allRows rows of ld words. */
export function zeroMargin(at: usize, rows: i32, cols: i32, allRows: i32, ld: i32): void {
  const margin = (<usize>(ld - cols)) << 3;
  if (margin > 0) {
    for (let i = 0; i < rows; i++) memory.fill(at + ((<usize>(i * ld + cols)) << 3), 0, margin);
  }
  memory.fill(at + ((<usize>(rows * ld)) << 3), 0, (<usize>((allRows - rows) * ld)) << 3);
}
