// The triple loop.
import type { Words } from '../words.js';
import { wrap } from './word.js';

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
