/** The dealer's part of a product, C of product-form.ts, elementwise: one block at a time, from the masks' streams. */
import type { Words } from '@tacit/ring';
import type { DealerOp } from '../dealer/dealer-op.js';
import type { Block } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import { productForm } from './product-form.js';

/** C of a block of x y into `out` (scratch); x and y are no views and may be the same mask. */
export function productOfMasks(op: DealerOp, x: MaskRef, y: MaskRef, block: Block, out: Words): void {
  const mark = op.scratch.mark();
  const a = op.scratch.words(block.length);
  const b = op.scratch.words(block.length);
  const start = op.chunk.start + block.start;
  productForm(op.streams.length).dealt.forEach(({ left, right }, i) => {
    op.maskBlock(x, a, start, left);
    const squared = x === y && left.every((weight, rank) => weight === right[rank]);
    if (!squared) op.maskBlock(y, b, start, right);
    if (i === 0) op.ring.mul(out, a, squared ? a : b);
    else op.ring.mulAdd(out, a, squared ? a : b, out);
  });
  op.scratch.release(mark);
}
