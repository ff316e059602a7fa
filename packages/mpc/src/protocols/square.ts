/**
 * Elementwise square of a masked tensor: Z_i = [i=0] E^2 + 2 E A_i + C_i, C = A^2 dealt. No round and no message beyond
 * the masking. Dealer: 8 bytes an element. The result has twice the operand's scale.
 */
import type { Words } from '@tacit/ring';
import { checkWholeMask } from '../dealer/check-operands.js';
import type { DealerHalf } from '../dealer/half.js';
import { type Block, Layout } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';
import { checkTruncation, dealProduct, openTruncated, productFields, type Truncation } from './truncation.js';

interface SquareDescriptor extends Descriptor {
  readonly kind: 'square';
  readonly shape: readonly number[];
  readonly x: MaskRef;
  /** Bits to drop in the same round. */
  readonly truncate?: Truncation;
}

const fields = (truncate: Truncation | undefined) => productFields(new Layout(), truncate);

/** Square of a masked tensor that is not a view. With `truncate` it is truncated in one round (truncation.ts). */
export function squareMasked(session: Session, x: Masked, truncate?: Truncation): Share {
  if (truncate) checkTruncation(truncate);
  const { layout, addend, floors } = fields(truncate);
  const shape = x.shape;
  const n = shape.reduce((a, b) => a * b, 1);
  const descriptor: SquareDescriptor = { kind: 'square', n, shape, x: x.ref, truncate };
  const spec = { descriptor, inputs: [], masked: [x], shape, rounds: truncate ? 1 : 0, layout };
  return session.issueElementwise(spec, async (op, [E, A], out) => {
    const square = (block: Block, to: Words) => {
      const mark = op.scratch.mark();
      const addition = op.scratch.words(block.length);
      op.share(addend, addition, block);
      const cut = (w: Words) => w.subarray(block.start, block.start + block.length);
      op.ring.squareCombine(to, cut(E), cut(A), addition, op.first);
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
    request.truncation();
  },
  layout: ({ truncate }) => fields(truncate).layout,
  deal(op, { x, truncate }) {
    const own = fields(truncate);
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const a = op.scratch.words(block.length);
      op.maskBlock(x, a, op.chunk.start + block.start);
      op.ring.mul(a, a, a);
      dealProduct(op, own, truncate, a, block);
      op.scratch.release(mark);
    }
  },
};
