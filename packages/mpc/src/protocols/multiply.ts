/**
 * Elementwise product of two masked tensors of one shape (Beaver 1991, with masks instead of triples of masks):
 *
 *     Z_i = E * (B_i + [i=0] F) + A_i * F + C_i        E = X - A, F = Y - B, C = A * B dealt
 *
 * No round and no message beyond the masking of X and Y. Dealer: 8 bytes an element. The result has the sum of the
 * operands' scales; truncate it.
 */
import type { DealerHalf } from '../dealer/half.js';
import { MASK_FIELD } from '../dealer/dealer-op.js';
import { Layout } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';

interface MultiplyDescriptor extends Descriptor {
  readonly kind: 'multiply';
  readonly shape: readonly number[];
  readonly x: MaskRef;
  readonly y: MaskRef;
}

const fields = () => {
  const layout = new Layout();
  return { layout, c: layout.words('C') };
};

/** Product of two masked tensors of the same shape, neither of them a view. */
export function multiplyMasked(session: Session, x: Masked, y: Masked): Share {
  const { layout, c } = fields();
  const shape = x.shape;
  const n = shape.reduce((a, b) => a * b, 1);
  const descriptor: MultiplyDescriptor = { kind: 'multiply', n, shape, x: x.ref, y: y.ref };
  return session.issueElementwise(
    { descriptor, inputs: [], masked: [x, y], shape, rounds: 0, layout },
    async (op, [E, A, F, B], out) => {
      await op.dealt();
      for (const block of op.blocks()) {
        const mark = op.scratch.mark();
        const C = op.scratch.words(block.length);
        op.share(c, C, block);
        const [from, to] = [block.start, block.start + block.length];
        op.ring.beaver(
          out.subarray(from, to),
          E.subarray(from, to),
          F.subarray(from, to),
          A.subarray(from, to),
          B.subarray(from, to),
          C,
          op.first,
        );
        op.scratch.release(mark);
      }
    },
  );
}

export const multiplyDealer: DealerHalf<MultiplyDescriptor> = {
  kind: 'multiply',
  elementwise: true,
  layout: () => fields().layout,
  deal(op, { x, y }) {
    const { c } = fields();
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
      op.deal(c, a, block);
      op.scratch.release(mark);
    }
  },
};
