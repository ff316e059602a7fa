/**
 * Elementwise square of a masked tensor: Z_i = [i=0] E^2 + 2 E A_i + C_i, C = A^2 dealt. No round and no message beyond
 * the masking. Dealer: 8 bytes an element. The result has twice the operand's scale.
 */
import { MASK_FIELD } from '../dealer/dealer-op.js';
import type { DealerHalf } from '../dealer/half.js';
import { Layout } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';

interface SquareDescriptor extends Descriptor {
  readonly kind: 'square';
  readonly shape: readonly number[];
  readonly x: MaskRef;
}

const fields = () => {
  const layout = new Layout();
  return { layout, c: layout.words('C') };
};

/** Square of a masked tensor that is not a view. */
export function squareMasked(session: Session, x: Masked): Share {
  const { layout, c } = fields();
  const shape = x.shape;
  const n = shape.reduce((a, b) => a * b, 1);
  const descriptor: SquareDescriptor = { kind: 'square', n, shape, x: x.ref };
  return session.issueElementwise(
    { descriptor, inputs: [], masked: [x], shape, rounds: 0, layout },
    async (op, [E, A], out) => {
      await op.dealt();
      for (const block of op.blocks()) {
        const mark = op.scratch.mark();
        const C = op.scratch.words(block.length);
        op.share(c, C, block);
        const [from, to] = [block.start, block.start + block.length];
        op.ring.squareCombine(out.subarray(from, to), E.subarray(from, to), A.subarray(from, to), C, op.first);
        op.scratch.release(mark);
      }
    },
  );
}

export const squareDealer: DealerHalf<SquareDescriptor> = {
  kind: 'square',
  elementwise: true,
  layout: () => fields().layout,
  deal(op, { x }) {
    const { c } = fields();
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const a = op.scratch.words(block.length);
      const t = op.scratch.words(block.length);
      x.holders.forEach((rank, i) => {
        op.streams[rank].fill(i === 0 ? a : t, x.id, MASK_FIELD, op.chunk.start + block.start);
        if (i > 0) op.ring.add(a, a, t);
      });
      op.ring.mul(a, a, a);
      op.deal(c, a, block);
      op.scratch.release(mark);
    }
  },
};
