// The inverse transform: values in bit-reversed order to residues in natural order. Gentleman-Sande butterflies; values
// stay below 2q between layers. The table is that of the inverse root, except that its first two words (and quotients)
// hold 1/n and power 1 times 1/n, which the last layer uses.
import { lower, shoup, splat } from './lanes';

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

/**
 * The layers of strides 1 and 2 of sixteen residues; stores them. The two halves are independent: a single one is a long
 * chain of multiplications that leaves the processor waiting.
 */
// @ts-ignore: decorator
@inline
function start(at: usize, lanes: usize, vq: v128, v2q: v128): void {
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const c = v128.load(at, 32);
  const d = v128.load(at, 48);
  const even0 = v128.shuffle<u32>(a, b, 0, 2, 4, 6);
  const odd0 = v128.shuffle<u32>(a, b, 1, 3, 5, 7);
  const even1 = v128.shuffle<u32>(c, d, 0, 2, 4, 6);
  const odd1 = v128.shuffle<u32>(c, d, 1, 3, 5, 7);
  const d0 = v128.add<u32>(v128.sub<u32>(even0, odd0), v2q);
  const d1 = v128.add<u32>(v128.sub<u32>(even1, odd1), v2q);
  const t0 = shoup(d0, v128.load(lanes, 32), v128.load(lanes, 48), vq);
  const t1 = shoup(d1, v128.load(lanes, 96), v128.load(lanes, 112), vq);
  const s0 = lower(v128.add<u32>(even0, odd0), v2q);
  const s1 = lower(v128.add<u32>(even1, odd1), v2q);
  const e = v128.shuffle<u32>(s0, t0, 0, 4, 1, 5);
  const f = v128.shuffle<u32>(s0, t0, 2, 6, 3, 7);
  const g = v128.shuffle<u32>(s1, t1, 0, 4, 1, 5);
  const h = v128.shuffle<u32>(s1, t1, 2, 6, 3, 7);
  const x0 = v128.shuffle<u64>(e, f, 0, 2);
  const y0 = v128.shuffle<u64>(e, f, 1, 3);
  const x1 = v128.shuffle<u64>(g, h, 0, 2);
  const y1 = v128.shuffle<u64>(g, h, 1, 3);
  const e0 = v128.add<u32>(v128.sub<u32>(x0, y0), v2q);
  const e1 = v128.add<u32>(v128.sub<u32>(x1, y1), v2q);
  const p0 = shoup(e0, v128.load(lanes), v128.load(lanes, 16), vq);
  const p1 = shoup(e1, v128.load(lanes, 64), v128.load(lanes, 80), vq);
  const z0 = lower(v128.add<u32>(x0, y0), v2q);
  const z1 = lower(v128.add<u32>(x1, y1), v2q);
  v128.store(at, v128.shuffle<u64>(z0, p0, 0, 2));
  v128.store(at, v128.shuffle<u64>(z0, p0, 1, 3), 16);
  v128.store(at, v128.shuffle<u64>(z1, p1, 0, 2), 32);
  v128.store(at, v128.shuffle<u64>(z1, p1, 1, 3), 48);
}

function startTwo(row: usize, bytes: usize, table: usize, q: u32): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
  const end = row + bytes;
  let lanes = table + (bytes << 1);
  for (let at = row; at < end; at += 64) {
    start(at, lanes, vq, v2q);
    lanes += 128;
  }
}

function startThree(row: usize, bytes: usize, table: usize, q: u32): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
  const end = row + bytes;
  let lanes = table + (bytes << 1);
  let power = table + (bytes >> 3);
  for (let at = row; at < end; at += 64) {
    start(at, lanes, vq, v2q);
    const quotient = power + bytes;
    const x0 = v128.load(at);
    const y0 = v128.load(at, 16);
    const x1 = v128.load(at, 32);
    const y1 = v128.load(at, 48);
    const d0 = v128.add<u32>(v128.sub<u32>(x0, y0), v2q);
    const d1 = v128.add<u32>(v128.sub<u32>(x1, y1), v2q);
    v128.store(at, lower(v128.add<u32>(x0, y0), v2q));
    v128.store(at, shoup(d0, v128.load32_splat(power), v128.load32_splat(quotient), vq), 16);
    v128.store(at, lower(v128.add<u32>(x1, y1), v2q), 32);
    v128.store(at, shoup(d1, v128.load32_splat(power, 4), v128.load32_splat(quotient, 4), vq), 48);
    power += 8;
    lanes += 128;
  }
}

/** Layers of `stride` and 2 * stride bytes; `blocks` blocks of the second one. */
function pair(row: usize, blocks: usize, stride: usize, table: usize, bytes: usize, q: u32): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
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
  const vq = splat(q);
  const v2q = splat(2 * q);
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
