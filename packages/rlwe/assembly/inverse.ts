// The inverse transform: values in bit-reversed order to residues in natural order. Gentleman-Sande butterflies; values
// stay below 2q between layers. The table is that of the inverse root, except that its first two words (and quotients)
// hold 1/n and power 1 times 1/n, which the last layer uses.
import { lower, shoup } from './lanes';

/** Transforms a row in place. Inputs below 2q, outputs below q. */
export function inverse(row: usize, n: u32, table: usize, q: u32): void {
  const bytes: usize = (n as usize) << 2;
  let stride: usize;
  if ((31 - clz<u32>(n)) & 1) {
    startThree(row, bytes, table, q);
    stride = 32;
  } else {
    startTwo(row, bytes, table, q);
    stride = 16;
  }
  let blocks: usize = bytes / (stride << 2); // of the second layer of the pair
  while (blocks > 1) {
    pair(row, blocks, stride, table, bytes, q);
    stride <<= 2;
    blocks >>= 2;
  }
  last(row, stride, table, bytes, q);
}

/** The layers of strides 1 and 2 of eight residues. The results are returned in `a` and `b` through memory. */
// @ts-ignore: decorator
@inline
function start(at: usize, lanes: usize, vq: v128, v2q: v128): void {
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const even = v128.shuffle<u32>(a, b, 0, 2, 4, 6);
  const odd = v128.shuffle<u32>(a, b, 1, 3, 5, 7);
  const s = lower(v128.add<u32>(even, odd), v2q);
  const d = v128.add<u32>(v128.sub<u32>(even, odd), v2q);
  const t = shoup(d, v128.load(lanes, 32), v128.load(lanes, 48), vq);
  const e = v128.shuffle<u32>(s, t, 0, 4, 1, 5);
  const f = v128.shuffle<u32>(s, t, 2, 6, 3, 7);
  const x = v128.shuffle<u64>(e, f, 0, 2);
  const y = v128.shuffle<u64>(e, f, 1, 3);
  const sum = lower(v128.add<u32>(x, y), v2q);
  const difference = v128.add<u32>(v128.sub<u32>(x, y), v2q);
  const product = shoup(difference, v128.load(lanes), v128.load(lanes, 16), vq);
  v128.store(at, v128.shuffle<u64>(sum, product, 0, 2));
  v128.store(at, v128.shuffle<u64>(sum, product, 1, 3), 16);
}

function startTwo(row: usize, bytes: usize, table: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const end = row + bytes;
  let lanes = table + (bytes << 1);
  for (let at = row; at < end; at += 32) {
    start(at, lanes, vq, v2q);
    lanes += 64;
  }
}

function startThree(row: usize, bytes: usize, table: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const end = row + bytes;
  let lanes = table + (bytes << 1);
  let power = table + (bytes >> 3);
  for (let at = row; at < end; at += 32) {
    start(at, lanes, vq, v2q);
    const x = v128.load(at);
    const y = v128.load(at, 16);
    v128.store(at, lower(v128.add<u32>(x, y), v2q));
    const d = v128.add<u32>(v128.sub<u32>(x, y), v2q);
    v128.store(at, shoup(d, v128.load32_splat(power), v128.load32_splat(power + bytes), vq), 16);
    power += 4;
    lanes += 64;
  }
}

/** Layers of `stride` and 2 * stride bytes; `blocks` blocks of the second one. */
function pair(row: usize, blocks: usize, stride: usize, table: usize, bytes: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  let one = table + (blocks << 2);
  let two = table + (blocks << 3);
  let a = row;
  for (let i: usize = 0; i < blocks; i++) {
    const w1 = v128.load32_splat(one);
    const w1q = v128.load32_splat(one + bytes);
    const w2 = v128.load32_splat(two);
    const w2q = v128.load32_splat(two + bytes);
    const w3 = v128.load32_splat(two, 4);
    const w3q = v128.load32_splat(two + bytes, 4);
    const end = a + stride;
    while (a < end) {
      const b = a + stride;
      const c = b + stride;
      const d = c + stride;
      const x0 = v128.load(a);
      const x1 = v128.load(b);
      const x2 = v128.load(c);
      const x3 = v128.load(d);
      const y0 = lower(v128.add<u32>(x0, x1), v2q);
      const y1 = shoup(v128.add<u32>(v128.sub<u32>(x0, x1), v2q), w2, w2q, vq);
      const y2 = lower(v128.add<u32>(x2, x3), v2q);
      const y3 = shoup(v128.add<u32>(v128.sub<u32>(x2, x3), v2q), w3, w3q, vq);
      v128.store(a, lower(v128.add<u32>(y0, y2), v2q));
      v128.store(b, lower(v128.add<u32>(y1, y3), v2q));
      v128.store(c, shoup(v128.add<u32>(v128.sub<u32>(y0, y2), v2q), w1, w1q, vq));
      v128.store(d, shoup(v128.add<u32>(v128.sub<u32>(y1, y3), v2q), w1, w1q, vq));
      a += 16;
    }
    a += 3 * stride;
    one += 4;
    two += 8;
  }
}

/** The last two layers, with the factor 1/n, fully reduced. */
function last(row: usize, stride: usize, table: usize, bytes: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const w0 = v128.load32_splat(table);
  const w0q = v128.load32_splat(table + bytes);
  const w1 = v128.load32_splat(table, 4);
  const w1q = v128.load32_splat(table + bytes, 4);
  const w2 = v128.load32_splat(table, 8);
  const w2q = v128.load32_splat(table + bytes, 8);
  const w3 = v128.load32_splat(table, 12);
  const w3q = v128.load32_splat(table + bytes, 12);
  const end = row + stride;
  for (let a = row; a < end; a += 16) {
    const b = a + stride;
    const c = b + stride;
    const d = c + stride;
    const x0 = v128.load(a);
    const x1 = v128.load(b);
    const x2 = v128.load(c);
    const x3 = v128.load(d);
    const y0 = lower(v128.add<u32>(x0, x1), v2q);
    const y1 = shoup(v128.add<u32>(v128.sub<u32>(x0, x1), v2q), w2, w2q, vq);
    const y2 = lower(v128.add<u32>(x2, x3), v2q);
    const y3 = shoup(v128.add<u32>(v128.sub<u32>(x2, x3), v2q), w3, w3q, vq);
    v128.store(a, lower(shoup(v128.add<u32>(y0, y2), w0, w0q, vq), vq));
    v128.store(b, lower(shoup(v128.add<u32>(y1, y3), w0, w0q, vq), vq));
    v128.store(c, lower(shoup(v128.add<u32>(v128.sub<u32>(y0, y2), v2q), w1, w1q, vq), vq));
    v128.store(d, lower(shoup(v128.add<u32>(v128.sub<u32>(y1, y3), v2q), w1, w1q, vq), vq));
  }
}
