// The triple loop.
import type { Words } from '../words.js';
import { wrap } from './word.js';

/**
 * Product of a [m, k] and b [k, n], row-major.
 * @param a first operand
 * @param b second operand
 * @param m rows of a
 * @param k columns of a, rows of b
 * @param n columns of b
 * @returns the product [m, n]
 */
export function matmul(a: Words, b: Words, m: number, k: number, n: number): Words {
  const out = new BigUint64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0n;
      for (let p = 0; p < k; p++) sum += a[i * k + p] * b[p * n + j];
      out[i * n + j] = wrap(sum);
    }
  return out;
}
