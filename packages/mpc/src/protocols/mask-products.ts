/** The dealer's part of a product, C of product-form.ts, elementwise: one block at a time, from the masks' streams. */
import type { Words } from '@tacit/ring';
import type { DealerOp } from '../dealer/dealer-op.js';
import type { Block } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import { productForm } from './product-form.js';

/** out += sign C for a block of x y, out in scratch; x and y are no views and may be the same mask. */
export function addProductOfMasks(
  op: DealerOp,
  x: MaskRef,
  y: MaskRef,
  block: Block,
  out: Words,
  sign: 1n | -1n,
): void {
  const mark = op.scratch.mark();
  const a = op.scratch.words(block.length);
  const b = op.scratch.words(block.length);
  const start = op.chunk.start + block.start;
  for (const { left, right } of productForm(op.streams.length).dealt) {
    const squared = x === y && left.every((weight, rank) => weight === right[rank]);
    op.maskBlock(x, a, start, left);
    if (!squared) op.maskBlock(y, b, start, right);
    op.ring.scaledMulAdd(out, sign, a, squared ? a : b, out);
  }
  op.scratch.release(mark);
}
