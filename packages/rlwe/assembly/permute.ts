// Automorphisms of values in bit-reversed order. Four neighbours in a vector stay neighbours, so a row is permuted by
// vectors, each with its lanes permuted too. table: for each vector of the result a word, the byte offset of its source
// plus the number (0..15) of a lane pattern; after these n/4 words, 16 patterns of 16 bytes.
import { lower, splat } from './lanes';

export function permuteRow(out: usize, input: usize, n: u32, table: usize): void {
  const patterns = table + n;
  for (let i: usize = 0; i < n; i += 4) {
    const entry = load<u32>(table + i) as usize;
    const pattern = v128.load(patterns + ((entry & 15) << 4));
    v128.store(out + (i << 2), i8x16.swizzle(v128.load(input + (entry & ~15)), pattern));
  }
}

/** out += permuted input. */
export function permuteAddRow(out: usize, input: usize, n: u32, table: usize, q: u32): void {
  const vq = splat(q);
  const patterns = table + n;
  for (let i: usize = 0; i < n; i += 4) {
    const entry = load<u32>(table + i) as usize;
    const pattern = v128.load(patterns + ((entry & 15) << 4));
    const at = out + (i << 2);
    const x = i8x16.swizzle(v128.load(input + (entry & ~15)), pattern);
    v128.store(at, lower(v128.add<u32>(v128.load(at), x), vq));
  }
}
