// The negacyclic number-theoretic transform, residues in natural order to values in bit-reversed order, as in SEAL.
// Cooley-Tukey butterflies with Harvey's lazy reduction: values stay below 4q < 2^32. Two layers are done in a pass
// over memory; the last two (three, if log2 n is odd) inside registers.
import { centred, lower, shoup, splat } from './lanes';

/** Transforms a row in place. Inputs below 4q, outputs below q. table: fillPowers, then fillLanes at + 8n bytes. */
export function forward(row: usize, n: u32, table: usize, q: u32): void {
  const bytes: usize = (n as usize) << 2;
  pair(row, 1, bytes >> 1, table, bytes, q);
  finishFrom(row, 4, bytes >> 3, table, bytes, q);
}

/**
 * Transforms residues modulo another prime: those above `threshold` stand for residue - (other prime), and `shift`, which
 * is minus that prime modulo q, is added to them. The sum must stay below 4q.
 */
export function forwardLifted(
  row: usize,
  input: usize,
  n: u32,
  threshold: u32,
  shift: u32,
  table: usize,
  q: u32,
): void {
  const bytes: usize = (n as usize) << 2;
  firstPair(row, input, threshold, shift, table, bytes, q);
  finishFrom(row, 4, bytes >> 3, table, bytes, q);
}

/** All layers from the one with so many blocks on. stride: of that layer, in bytes. */
function finishFrom(
  row: usize,
  blocks: usize,
  stride: usize,
  table: usize,
  bytes: usize,
  q: u32,
): void {
  const odd = (31 - clz<u32>(bytes as u32)) & 1;
  const lastBlock: usize = odd ? 32 : 16;
  while (stride >= lastBlock) {
    pair(row, blocks, stride, table, bytes, q);
    blocks <<= 2;
    stride >>= 2;
  }
  if (odd) finishThree(row, bytes, table, q);
  else finishTwo(row, bytes, table, q);
}

function pair(row: usize, blocks: usize, stride: usize, table: usize, bytes: usize, q: u32): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
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

/** The first two layers, from residues modulo another prime. */
function firstPair(
  row: usize,
  input: usize,
  threshold: u32,
  shift: u32,
  table: usize,
  bytes: usize,
  q: u32,
): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
  const vThreshold = splat(threshold);
  const vShift = splat(shift);
  const stride = bytes >> 1;
  const half = bytes >> 2;
  const w1 = v128.load32_splat(table, 4);
  const w1q = v128.load32_splat(table + bytes, 4);
  const w2 = v128.load32_splat(table, 8);
  const w2q = v128.load32_splat(table + bytes, 8);
  const w3 = v128.load32_splat(table, 12);
  const w3q = v128.load32_splat(table + bytes, 12);
  for (let i: usize = 0; i < half; i += 16) {
    const a = input + i;
    const x0 = lower(centred(v128.load(a), vThreshold, vShift), v2q);
    const x1 = lower(centred(v128.load(a + half), vThreshold, vShift), v2q);
    const x2 = centred(v128.load(a + stride), vThreshold, vShift);
    const x3 = centred(v128.load(a + stride + half), vThreshold, vShift);
    const t0 = shoup(x2, w1, w1q, vq);
    const t1 = shoup(x3, w1, w1q, vq);
    const y0 = lower(v128.add<u32>(x0, t0), v2q);
    const y1 = v128.add<u32>(x1, t1);
    const y2 = lower(v128.add<u32>(v128.sub<u32>(x0, t0), v2q), v2q);
    const y3 = v128.add<u32>(v128.sub<u32>(x1, t1), v2q);
    const u0 = shoup(y1, w2, w2q, vq);
    const u1 = shoup(y3, w3, w3q, vq);
    const to = row + i;
    v128.store(to, v128.add<u32>(y0, u0));
    v128.store(to + half, v128.add<u32>(v128.sub<u32>(y0, u0), v2q));
    v128.store(to + stride, v128.add<u32>(y2, u1));
    v128.store(to + stride + half, v128.add<u32>(v128.sub<u32>(y2, u1), v2q));
  }
}

/**
 * The layers of strides 2 and 1 of sixteen residues, a and b the first eight. The two halves are independent: a single
 * one is a long chain of multiplications that leaves the processor waiting.
 */
// @ts-ignore: decorator
@inline
function finish(at: usize, a: v128, b: v128, c: v128, d: v128, lanes: usize, vq: v128, v2q: v128): void {
  const x0 = lower(v128.shuffle<u64>(a, b, 0, 2), v2q);
  const x1 = lower(v128.shuffle<u64>(c, d, 0, 2), v2q);
  const t0 = shoup(v128.shuffle<u64>(a, b, 1, 3), v128.load(lanes), v128.load(lanes, 16), vq);
  const t1 = shoup(v128.shuffle<u64>(c, d, 1, 3), v128.load(lanes, 64), v128.load(lanes, 80), vq);
  const y0 = v128.add<u32>(x0, t0);
  const y1 = v128.add<u32>(v128.sub<u32>(x0, t0), v2q);
  const y2 = v128.add<u32>(x1, t1);
  const y3 = v128.add<u32>(v128.sub<u32>(x1, t1), v2q);
  const e = v128.shuffle<u64>(y0, y1, 0, 2);
  const f = v128.shuffle<u64>(y0, y1, 1, 3);
  const g = v128.shuffle<u64>(y2, y3, 0, 2);
  const h = v128.shuffle<u64>(y2, y3, 1, 3);
  const odd0 = shoup(v128.shuffle<u32>(e, f, 1, 3, 5, 7), v128.load(lanes, 32), v128.load(lanes, 48), vq);
  const odd1 = shoup(v128.shuffle<u32>(g, h, 1, 3, 5, 7), v128.load(lanes, 96), v128.load(lanes, 112), vq);
  const even0 = lower(v128.shuffle<u32>(e, f, 0, 2, 4, 6), v2q);
  const even1 = lower(v128.shuffle<u32>(g, h, 0, 2, 4, 6), v2q);
  const z0 = lower(lower(v128.add<u32>(even0, odd0), v2q), vq);
  const z1 = lower(lower(v128.add<u32>(v128.sub<u32>(even0, odd0), v2q), v2q), vq);
  const z2 = lower(lower(v128.add<u32>(even1, odd1), v2q), vq);
  const z3 = lower(lower(v128.add<u32>(v128.sub<u32>(even1, odd1), v2q), v2q), vq);
  v128.store(at, v128.shuffle<u32>(z0, z1, 0, 4, 1, 5));
  v128.store(at, v128.shuffle<u32>(z0, z1, 2, 6, 3, 7), 16);
  v128.store(at, v128.shuffle<u32>(z2, z3, 0, 4, 1, 5), 32);
  v128.store(at, v128.shuffle<u32>(z2, z3, 2, 6, 3, 7), 48);
}

function finishTwo(row: usize, bytes: usize, table: usize, q: u32): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
  const end = row + bytes;
  let lanes = table + (bytes << 1);
  for (let at = row; at < end; at += 64) {
    finish(at, v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48), lanes, vq, v2q);
    lanes += 128;
  }
}

function finishThree(row: usize, bytes: usize, table: usize, q: u32): void {
  const vq = splat(q);
  const v2q = splat(2 * q);
  const end = row + bytes;
  let lanes = table + (bytes << 1);
  let power = table + (bytes >> 3); // the layer of stride 4 has n/8 blocks
  for (let at = row; at < end; at += 64) {
    const quotient = power + bytes;
    const x0 = lower(v128.load(at), v2q);
    const x1 = lower(v128.load(at, 32), v2q);
    const t0 = shoup(v128.load(at, 16), v128.load32_splat(power), v128.load32_splat(quotient), vq);
    const t1 = shoup(v128.load(at, 48), v128.load32_splat(power, 4), v128.load32_splat(quotient, 4), vq);
    const a = v128.add<u32>(x0, t0);
    const b = v128.add<u32>(v128.sub<u32>(x0, t0), v2q);
    const c = v128.add<u32>(x1, t1);
    const d = v128.add<u32>(v128.sub<u32>(x1, t1), v2q);
    finish(at, a, b, c, d, lanes, vq, v2q);
    power += 8;
    lanes += 128;
  }
}
