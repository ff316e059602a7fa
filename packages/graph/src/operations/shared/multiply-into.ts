/** Adds a [m, k] times b [k, n] to y [m, n]. Four rows of b at a time, which reads and writes y less often. */
export function multiplyInto(y: Float64Array, a: Float64Array, b: Float64Array, n: number, k: number): void {
  for (let row = 0, start = 0; row < y.length; row += n, start += k) {
    let j = 0;
    for (; j + 4 <= k; j += 4) {
      const [a0, a1, a2, a3] = [a[start + j], a[start + j + 1], a[start + j + 2], a[start + j + 3]];
      const [b0, b1, b2, b3] = [j * n, (j + 1) * n, (j + 2) * n, (j + 3) * n];
      for (let c = 0; c < n; c++)
        y[row + c] += a0 * b[b0 + c] + a1 * b[b1 + c] + a2 * b[b2 + c] + a3 * b[b3 + c];
    }
    for (; j < k; j++) {
      const factor = a[start + j];
      for (let c = 0; c < n; c++) y[row + c] += factor * b[j * n + c];
    }
  }
}
