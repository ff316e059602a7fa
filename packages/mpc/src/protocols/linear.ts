/**
 * Any bilinear map f of two masked tensors (matrix product, convolution, product after a broadcast):
 *
 *     Z_i = f(E, B_i + [i=0] F) + f(A_i, F) + C_i        E = X - A, F = Y - B, C = f(A, B) dealt
 *
 * Two plain products a party. No round and no message beyond the masking of operands that were not masked before.
 * Dealer: 8 bytes an element of the result. The result has the sum of the operands' scales.
 */
import type { DealerHalf } from '../dealer/half.js';
import type { Words } from '@tacit/ring';
import { type Field, Layout } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';
import { applyBilinear, type Bilinear } from './bilinear.js';

interface LinearDescriptor extends Descriptor {
  readonly kind: 'linear';
  readonly f: Bilinear;
  readonly shape: readonly number[];
  readonly x: MaskRef;
  readonly y: MaskRef;
}

const fields = () => {
  const layout = new Layout();
  return { layout, c: layout.words('C') };
};

/** f(x, y) for two masked tensors; `shape` is the result's. */
export function linearMasked(session: Session, f: Bilinear, x: Masked, y: Masked, shape: readonly number[]): Share {
  const { layout, c } = fields();
  const n = shape.reduce((a, b) => a * b, 1);
  const descriptor: LinearDescriptor = { kind: 'linear', n, f, shape, x: x.ref, y: y.ref };
  return session.issue({ descriptor, inputs: [], masked: [x, y], shape, rounds: 0, layout }, async (op, [E, A, F, B]) => {
    const out = op.pool.take(n);
    let right = B;
    if (op.first) {
      right = op.pool.take(B.length);
      op.ring.add(right, B, F);
    }
    applyBilinear(op.ring, f, out, E, right, false);
    if (op.first) op.pool.give(right);
    applyBilinear(op.ring, f, out, A, F, true);
    await op.dealt();
    addField(op, c, out);
    return out;
  });
}

/** out += this party's share of a field, block by block. */
export function addField(
  op: PartyOp,
  field: Field,
  out: Words,
): void {
  for (const block of op.blocks()) {
    const mark = op.scratch.mark();
    const t = op.scratch.words(block.length);
    op.share(field, t, block);
    const part = out.subarray(block.start, block.start + block.length);
    op.ring.add(part, part, t);
    op.scratch.release(mark);
  }
}

export const linearDealer: DealerHalf<LinearDescriptor> = {
  kind: 'linear',
  elementwise: false,
  layout: () => fields().layout,
  deal(op, { f, x, y, n }) {
    const product = new BigUint64Array(n);
    applyBilinear(op.ring, f, product, op.mask(x), op.mask(y), false);
    op.dealAll(fields().c, product);
  },
};
