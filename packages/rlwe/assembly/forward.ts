// The negacyclic number-theoretic transform, residues in natural order to values in bit-reversed order, as in SEAL.
// Cooley-Tukey butterflies with Harvey's lazy reduction: values stay below 4q < 2^32. Two layers are done in a pass
// over memory; the last two (three, if log2 n is odd) inside registers.
import { lower, shoup } from './lanes';

/** Transforms a row in place. Inputs below 4q, outputs below q. table: fillPowers, then fillLanes at + 8n bytes. */
export function forward(row: usize, n: u32, table: usize, q: u32): void {
  const bytes: usize = (n as usize) << 2;
  const odd = (31 - clz<u32>(n)) & 1;
  const lastBlock: usize = odd ? 32 : 16;
  let blocks: usize = 1;
  let stride: usize = bytes >> 1; // of the first layer of the pair, in bytes
  while (stride >= lastBlock) {
    pair(row, blocks, stride, table, bytes, q);
    blocks <<= 2;
    stride >>= 2;
  }
  if (odd) finishThree(row, bytes, table, q);
  else finishTwo(row, bytes, table, q);
}

function pair(row: usize, blocks: usize, stride: usize, table: usize, bytes: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const half = stride >> 1;
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
    const end = a + half;
    while (a < end) {
      const b = a + half;
      const c = a + stride;
      const d = c + half;
      const x0 = lower(v128.load(a), v2q);
      const x1 = lower(v128.load(b), v2q);
      const t0 = shoup(v128.load(c), w1, w1q, vq);
      const t1 = shoup(v128.load(d), w1, w1q, vq);
      const y0 = lower(v128.add<u32>(x0, t0), v2q);
      const y1 = v128.add<u32>(x1, t1);
      const y2 = lower(v128.add<u32>(v128.sub<u32>(x0, t0), v2q), v2q);
      const y3 = v128.add<u32>(v128.sub<u32>(x1, t1), v2q);
      const u0 = shoup(y1, w2, w2q, vq);
      const u1 = shoup(y3, w3, w3q, vq);
      v128.store(a, v128.add<u32>(y0, u0));
      v128.store(b, v128.add<u32>(v128.sub<u32>(y0, u0), v2q));
      v128.store(c, v128.add<u32>(y2, u1));
      v128.store(d, v128.add<u32>(v128.sub<u32>(y2, u1), v2q));
      a += 16;
    }
    a += stride + half;
    one += 4;
    two += 8;
  }
}

/** The layers of strides 2 and 1 of residues a (first four) and b (next four); stores them. */
// @ts-ignore: decorator
@inline
function finish(at: usize, a: v128, b: v128, lanes: usize, vq: v128, v2q: v128): void {
  const x = lower(v128.shuffle<u64>(a, b, 0, 2), v2q);
  const t = shoup(v128.shuffle<u64>(a, b, 1, 3), v128.load(lanes), v128.load(lanes, 16), vq);
  const y0 = v128.add<u32>(x, t);
  const y1 = v128.add<u32>(v128.sub<u32>(x, t), v2q);
  const c = v128.shuffle<u64>(y0, y1, 0, 2);
  const d = v128.shuffle<u64>(y0, y1, 1, 3);
  const even = lower(v128.shuffle<u32>(c, d, 0, 2, 4, 6), v2q);
  const odd = shoup(v128.shuffle<u32>(c, d, 1, 3, 5, 7), v128.load(lanes, 32), v128.load(lanes, 48), vq);
  const z0 = lower(lower(v128.add<u32>(even, odd), v2q), vq);
  const z1 = lower(lower(v128.add<u32>(v128.sub<u32>(even, odd), v2q), v2q), vq);
  v128.store(at, v128.shuffle<u32>(z0, z1, 0, 4, 1, 5));
  v128.store(at, v128.shuffle<u32>(z0, z1, 2, 6, 3, 7), 16);
}

function finishTwo(row: usize, bytes: usize, table: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const end = row + bytes;
  let lanes = table + (bytes << 1);
  for (let at = row; at < end; at += 32) {
    finish(at, v128.load(at), v128.load(at, 16), lanes, vq, v2q);
    lanes += 64;
  }
}

function finishThree(row: usize, bytes: usize, table: usize, q: u32): void {
  const vq = i32x4.splat(q);
  const v2q = i32x4.splat(2 * q);
  const end = row + bytes;
  let lanes = table + (bytes << 1);
  let power = table + (bytes >> 3); // the layer of stride 4 has n/8 blocks
  for (let at = row; at < end; at += 32) {
    const x = lower(v128.load(at), v2q);
    const w = v128.load32_splat(power);
    const t = shoup(v128.load(at, 16), w, v128.load32_splat(power + bytes), vq);
    finish(at, v128.add<u32>(x, t), v128.add<u32>(v128.sub<u32>(x, t), v2q), lanes, vq, v2q);
    power += 4;
    lanes += 64;
  }
}
