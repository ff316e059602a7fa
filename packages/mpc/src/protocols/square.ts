/**
 * Elementwise square of a masked tensor, s X^2 in the form of a product (product-form.ts): Z_i = k_i U_i^2 + C_i. No
 * round and no message beyond the masking. Dealer: 8 bytes an element. The result has twice the operand's scale and
 * productBits(parties) more.
 */
import type { Words } from '@tacit/ring';
import { checkHeldByAll, checkWholeMask } from '../dealer/check-operands.js';
import type { DealerHalf } from '../dealer/half.js';
import { type Block, Layout } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';
import { addProductOfMasks } from './mask-products.js';
import { productForm } from './product-form.js';
import { checkTruncation, dealProduct, openTruncated, productFields, type Truncation } from './truncation.js';

interface SquareDescriptor extends Descriptor {
  readonly kind: 'square';
  readonly shape: readonly number[];
  readonly x: MaskRef;
  /** Bits to drop in the same round. */
  readonly truncate?: Truncation;
}

const fields = (truncate: Truncation | undefined) => productFields(new Layout(), truncate);

/**
 * s x^2 for a masked tensor that is not a view, s = 2^productBits(parties). With `truncate` it is truncated in one round
 * (truncation.ts): then |s x^2| < 2^(l-2), and the bits to drop count from there.
 */
export function squareMasked(session: Session, x: Masked, truncate?: Truncation): Share {
  if (truncate) checkTruncation(truncate);
  const { layout, addend, floors } = fields(truncate);
  const shape = x.shape;
  const n = shape.reduce((a, b) => a * b, 1);
  const descriptor: SquareDescriptor = { kind: 'square', n, shape, x: x.ref, truncate };
  const spec = { descriptor, inputs: [], masked: [x], shape, rounds: truncate ? 1 : 0, layout };
  const k = productForm(session.parties).k[session.rank];
  return session.issueElementwise(spec, async (op, [U], out) => {
    const square = (block: Block, to: Words) => {
      const mark = op.scratch.mark();
      const addition = op.scratch.words(block.length);
      op.share(addend, addition, block);
      const factor = U.subarray(block.start, block.start + block.length);
      op.ring.scaledMulAdd(to, k, factor, factor, addition);
      op.scratch.release(mark);
    };
    if (truncate && floors) return openTruncated(op, floors, truncate, square, out);
    await op.dealt();
    for (const block of op.blocks()) square(block, out.subarray(block.start, block.start + block.length));
  });
}

export const squareDealer: DealerHalf<SquareDescriptor> = {
  kind: 'square',
  elementwise: true,
  check(request) {
    checkWholeMask(request, 'x');
    checkHeldByAll(request, 'x');
    request.truncation();
  },
  layout: ({ truncate }) => fields(truncate).layout,
  deal(op, { x, truncate }) {
    const own = fields(truncate);
    for (const block of op.blocks())
      dealProduct(op, own, truncate, block, (C, sign) => addProductOfMasks(op, x, x, block, C, sign));
  },
};
