/** The dealer's part of a product, C of product-form.ts, elementwise: one block at a time, from the masks' streams. */
import type { Words } from '@tacit/ring';
import type { DealerOp } from '../definition/dealer-op.js';
import type { Block } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import { productForm } from './product-form.js';

/** out += sign C for a block of x y, out in scratch; x and y are not views and may be the same mask. */
export function addProductOfMasks(
  op: DealerOp,
  x: MaskRef,
  y: MaskRef,
  block: Block,
  out: Words,
  sign: 1n | -1n,
): void {
  const mark = op.scratch.mark();
  const { dealt } = productForm(op.streams.length);
  if (dealt.length <= 2) addByWeights(op, x, y, block, out, sign);
  else addByParts(op, x, y, block, out, sign);
  op.scratch.release(mark);
}

/** Each factor from its streams: for few parties. */
function addByWeights(op: DealerOp, x: MaskRef, y: MaskRef, block: Block, out: Words, sign: bigint): void {
  const a = op.scratch.words(block.length);
  const b = op.scratch.words(block.length);
  const start = op.chunk.start + block.start;
  for (const { left, right } of productForm(op.streams.length).dealt) {
    const squared = x === y && left.every((weight, rank) => weight === right[rank]);
    op.maskBlock(x, a, start, left);
    if (!squared) op.maskBlock(y, b, start, right);
    op.ring.scaledMulAdd(out, sign, a, squared ? a : b, out);
  }
}

/** Each stream once: the left factors are A_i + l_i A_last, the right ones s B - k_i B_i. */
function addByParts(op: DealerOp, x: MaskRef, y: MaskRef, block: Block, out: Words, sign: bigint): void {
  const { l, k, extraBits } = productForm(op.streams.length);
  const last = l.length - 1;
  const words = () => op.scratch.words(block.length);
  const start = op.chunk.start + block.start;
  const only = (rank: number) => l.map((_, i) => (i === rank ? 1n : 0n));
  const [aLast, sum, left, right] = [words(), words(), words(), words()];
  op.maskBlock(x, aLast, start, only(last));
  op.maskBlock(y, sum, start, only(last));
  const parts: Words[] = [];
  for (let rank = 0; rank < last; rank++) {
    const part = words();
    op.maskBlock(y, part, start, only(rank));
    op.ring.add(sum, sum, part);
    parts.push(part);
  }
  op.ring.shl(sum, sum, extraBits);
  for (let rank = 0; rank < last; rank++) {
    op.maskBlock(x, left, start, only(rank));
    op.ring.addScaled(left, left, l[rank], aLast);
    op.ring.addScaled(right, sum, -k[rank], parts[rank]);
    op.ring.scaledMulAdd(out, sign, left, right, out);
  }
}
