/**
 * Elementwise product of two masked tensors of one shape (Beaver 1991, with masks instead of triples of masks):
 *
 *     Z_i = E * (B_i + [i=0] F) + A_i * F + C_i        E = X - A, F = Y - B, C = A * B dealt
 *
 * No round and no message beyond the masking of X and Y. Dealer: 8 bytes an element. The result has the sum of the
 * operands' scales; truncate it.
 */
import type { Words } from '@tacit/ring';
import { checkWholeMask } from '../dealer/check-operands.js';
import { MASK_FIELD } from '../dealer/dealer-op.js';
import type { DealerHalf } from '../dealer/half.js';
import { type Block, Layout } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';
import { checkTruncation, dealProduct, openTruncated, productFields, type Truncation } from './truncation.js';

interface MultiplyDescriptor extends Descriptor {
  readonly kind: 'multiply';
  readonly shape: readonly number[];
  readonly x: MaskRef;
  readonly y: MaskRef;
  /** Bits to drop in the same round. */
  readonly truncate?: Truncation;
}

const fields = (truncate: Truncation | undefined) => productFields(new Layout(), truncate);

/**
 * Product of two masked tensors of the same shape, neither of them a view. With `truncate` the product is truncated in
 * one round (truncation.ts).
 */
export function multiplyMasked(session: Session, x: Masked, y: Masked, truncate?: Truncation): Share {
  if (truncate) checkTruncation(truncate);
  const { layout, addend, floors } = fields(truncate);
  const shape = x.shape;
  const n = shape.reduce((a, b) => a * b, 1);
  const descriptor: MultiplyDescriptor = { kind: 'multiply', n, shape, x: x.ref, y: y.ref, truncate };
  const spec = { descriptor, inputs: [], masked: [x, y], shape, rounds: truncate ? 1 : 0, layout };
  return session.issueElementwise(spec, async (op, [E, A, F, B], out) => {
    const product = (block: Block, to: Words) => {
      const mark = op.scratch.mark();
      const addition = op.scratch.words(block.length);
      op.share(addend, addition, block);
      const cut = (w: Words) => w.subarray(block.start, block.start + block.length);
      op.ring.beaver(to, cut(E), cut(F), cut(A), cut(B), addition, op.first);
      op.scratch.release(mark);
    };
    if (truncate && floors) return openTruncated(op, floors, truncate, product, out);
    await op.dealt();
    for (const block of op.blocks()) product(block, out.subarray(block.start, block.start + block.length));
  });
}

export const multiplyDealer: DealerHalf<MultiplyDescriptor> = {
  kind: 'multiply',
  elementwise: true,
  check(request) {
    checkWholeMask(request, 'x');
    checkWholeMask(request, 'y');
    request.truncation();
  },
  layout: ({ truncate }) => fields(truncate).layout,
  deal(op, { x, y, truncate }) {
    const own = fields(truncate);
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const a = op.scratch.words(block.length);
      const b = op.scratch.words(block.length);
      const t = op.scratch.words(block.length);
      const expand = (ref: MaskRef, into: typeof a) => {
        ref.holders.forEach((rank, i) => {
          op.streams[rank].fill(i === 0 ? into : t, ref.id, MASK_FIELD, op.chunk.start + block.start);
          if (i > 0) op.ring.add(into, into, t);
        });
      };
      expand(x, a);
      expand(y, b);
      op.ring.mul(a, a, b);
      dealProduct(op, own, truncate, a, block);
      op.scratch.release(mark);
    }
  },
};
