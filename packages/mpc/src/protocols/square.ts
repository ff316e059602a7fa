/**
 * Elementwise square of a masked tensor, s X^2 in the form of a product (product-form.ts): Z_i = k_i U_i^2 + C_i. No
 * round and no message beyond the masking. Dealer: 8 bytes an element. The result has twice the operand's scale and
 * productBits(parties) more.
 */
import { sizeOf } from '@tacit/ring';
import { checkHeldByAll, checkWholeMask } from '../dealer/check-operands.js';
import type { DealerHalf } from '../dealer/half.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';
import { linearMasked } from './linear.js';
import { addProductOfMasks } from './mask-products.js';
import { productForm } from './product-form.js';
import {
  checkTruncation,
  completeProduct,
  dealProduct,
  productFields,
  type Truncation,
} from './truncation.js';

interface SquareDescriptor extends Descriptor {
  readonly kind: 'square';
  readonly shape: readonly number[];
  readonly x: MaskRef;
  /** Bits to drop in the same round. */
  readonly truncate?: Truncation;
}

/**
 * s x^2 for a masked tensor, s = 2^productBits(parties); that of a view is computed as linear.ts does. With `truncate` it is truncated in one round
 * (truncation.ts): then |s x^2| < 2^(l-2), and the bits to drop count from there.
 */
export function squareMasked(session: Session, x: Masked, truncate?: Truncation): Share {
  if (truncate) checkTruncation(truncate);
  if (x.ref.views.length > 0)
    return linearMasked(session, { op: 'mul', n: sizeOf(x.shape) }, x, x, x.shape, truncate);
  const own = productFields(truncate, session.parties);
  const shape = x.shape;
  const n = sizeOf(shape);
  const descriptor: SquareDescriptor = { kind: 'square', n, shape, x: x.ref, truncate };
  const spec = { descriptor, inputs: [], masked: [x], shape, rounds: truncate ? 1 : 0, layout: own.layout };
  const k = productForm(session.parties).k[session.rank];
  return session.issueElementwise(spec, (op, [U], out) =>
    completeProduct(op, own, truncate, out, ({ start, length }, C, to) => {
      const factor = U.subarray(start, start + length);
      op.ring.scaledMulAdd(to, k, factor, factor, C);
    }),
  );
}

export const squareDealer: DealerHalf<SquareDescriptor> = {
  kind: 'square',
  elementwise: true,
  check(request) {
    checkWholeMask(request, 'x');
    checkHeldByAll(request, 'x');
    request.truncation();
  },
  layout: ({ truncate }, _config, parties) => productFields(truncate, parties).layout,
  deal(op, { x, truncate }) {
    const own = productFields(truncate, op.streams.length);
    for (const block of op.blocks())
      dealProduct(op, own, truncate, block, (C, sign) => addProductOfMasks(op, x, x, block, C, sign));
  },
};
