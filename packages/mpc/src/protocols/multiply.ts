/**
 * Elementwise product of two masked tensors of one shape, s X Y with one plain product a party (product-form.ts):
 *
 *     Z_i = k_i U_i V_i + C_i        U_i, V_i the party's factors (mask.ts)
 *
 * No round and no message beyond the masking of X and Y. Dealer: 8 bytes an element. The result has the sum of the
 * operands' scales and productBits(parties) more; truncate it.
 */
import { sizeOf, type Words } from '@tacit/ring';
import { checkHeldByAll, checkWholeMask } from '../dealer/check-operands.js';
import type { DealerHalf } from '../dealer/half.js';
import { ShapeError } from '../runtime/errors.js';
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

interface MultiplyDescriptor extends Descriptor {
  readonly kind: 'multiply';
  readonly shape: readonly number[];
  readonly x: MaskRef;
  readonly y: MaskRef;
  /** Bits to drop in the same round. */
  readonly truncate?: Truncation;
}

/**
 * s x y for two masked tensors of the same shape, s = 2^productBits(parties); that of views is computed as linear.ts
 * does. Throws a ShapeError where the sizes differ. With `truncate`
 * it is truncated in one round (truncation.ts): then |s x y| < 2^(l-2), and the bits to drop count from s x y, too.
 */
export function multiplyMasked(session: Session, x: Masked, y: Masked, truncate?: Truncation): Share {
  if (truncate) checkTruncation(truncate);
  if (sizeOf(x.shape) !== sizeOf(y.shape))
    throw new ShapeError(`multiply: [${x.shape}] and [${y.shape}] have different sizes`);
  if (x.ref.views.length + y.ref.views.length > 0)
    return linearMasked(session, { op: 'mul', n: sizeOf(x.shape) }, x, y, x.shape, truncate);
  const own = productFields(truncate, session.parties);
  const shape = x.shape;
  const n = sizeOf(shape);
  const descriptor: MultiplyDescriptor = { kind: 'multiply', n, shape, x: x.ref, y: y.ref, truncate };
  const spec = {
    descriptor,
    inputs: [],
    masked: [x, y],
    shape,
    rounds: truncate ? 1 : 0,
    layout: own.layout,
  };
  const k = productForm(session.parties).k[session.rank];
  return session.issueElementwise(spec, (op, [U, V], out) =>
    completeProduct(op, own, truncate, out, ({ start, length }, C, to) => {
      const cut = (words: Words) => words.subarray(start, start + length);
      op.ring.scaledMulAdd(to, k, cut(U), cut(V), C);
    }),
  );
}

export const multiplyDealer: DealerHalf<MultiplyDescriptor> = {
  kind: 'multiply',
  elementwise: true,
  check(request) {
    for (const name of ['x', 'y']) {
      checkWholeMask(request, name);
      checkHeldByAll(request, name);
    }
    request.truncation();
  },
  layout: ({ truncate }, _config, parties) => productFields(truncate, parties).layout,
  deal(op, { x, y, truncate }) {
    const own = productFields(truncate, op.streams.length);
    for (const block of op.blocks())
      dealProduct(op, own, truncate, block, (C, sign) => addProductOfMasks(op, x, y, block, C, sign));
  },
};
