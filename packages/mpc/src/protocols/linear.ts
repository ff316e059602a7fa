/**
 * Any bilinear map f of two masked tensors (matrix product, convolution, product after a broadcast), s f(X, Y) with one
 * plain product a party (product-form.ts):
 *
 *     Z_i = k_i f(U_i, V_i) + C_i        U_i, V_i the party's factors (mask.ts)
 *
 * No round and no message beyond the masking of operands that were not masked before. Dealer: 8 bytes an element of the
 * result. The result has the sum of the operands' scales and productBits(parties) more.
 */

import type { Words } from '@tacit/ring';
import { checkBilinear, checkHeldByAll, checkMask } from '../dealer/check-operands.js';
import type { DealerOp } from '../dealer/dealer-op.js';
import type { DealerHalf } from '../dealer/half.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import type { Descriptor } from '../runtime/transcript.js';
import { applyBilinear, type Bilinear } from './bilinear.js';
import { productForm } from './product-form.js';
import {
  checkTruncation,
  completeProduct,
  dealProduct,
  type ProductFields,
  productFields,
  type Truncation,
} from './truncation.js';

interface LinearDescriptor extends Descriptor {
  readonly kind: 'linear';
  readonly f: Bilinear;
  readonly shape: readonly number[];
  readonly x: MaskRef;
  readonly y: MaskRef;
  /** Bits to drop in the same round. */
  readonly truncate?: Truncation;
}

/**
 * s f(x, y) for two masked tensors, s = 2^productBits(parties); `shape` is the result's. With `truncate` it is truncated
 * in one round: then |s f(x, y)| < 2^(l-2), and the bits to drop count from there.
 */
export function linearMasked(
  session: Session,
  f: Bilinear,
  x: Masked,
  y: Masked,
  shape: readonly number[],
  truncate?: Truncation,
): Share {
  if (truncate) checkTruncation(truncate);
  const own = productFields(truncate, session.parties);
  const n = shape.reduce((a, b) => a * b, 1);
  const descriptor: LinearDescriptor = { kind: 'linear', n, f, shape, x: x.ref, y: y.ref, truncate };
  const spec = {
    descriptor,
    inputs: [],
    masked: [x, y],
    shape,
    rounds: truncate ? 1 : 0,
    layout: own.layout,
    output: 'overwritten' as const,
  };
  return session.issue(spec, (op, [U, V], out) => {
    applyBilinear(op.ring, f, out, U, V, false);
    return completeWholeProduct(op, own, truncate, out, productForm(op.parties).k[op.rank]);
  });
}

/** Turns a party's plain product into its share of the product, k times it and C, truncated or not. In place. */
export const completeWholeProduct = (
  op: PartyOp,
  own: ProductFields,
  truncate: Truncation | undefined,
  out: Words,
  k: bigint,
): Promise<void> =>
  completeProduct(op, own, truncate, out, ({ start, length }, C, to) =>
    op.ring.addScaled(to, C, k, out.subarray(start, start + length)),
  );

/** Dealer half of a product whose C was computed as a whole. */
export function dealWholeProduct(
  op: DealerOp,
  own: ProductFields,
  truncate: Truncation | undefined,
  C: Words,
): void {
  for (const block of op.blocks()) {
    const part = C.subarray(block.start, block.start + block.length);
    dealProduct(op, own, truncate, block, (out, sign) => op.ring.addScaled(out, out, sign, part));
  }
}

export const linearDealer: DealerHalf<LinearDescriptor> = {
  kind: 'linear',
  elementwise: false,
  check(request) {
    checkBilinear(request, checkMask(request, 'x'), checkMask(request, 'y'), request.parties - 1);
    for (const name of ['x', 'y']) checkHeldByAll(request, name);
    request.truncation();
  },
  layout: ({ truncate }, _config, parties) => productFields(truncate, parties).layout,
  deal(op, { f, x, y, n, truncate }) {
    const product = op.pool.take(n);
    productForm(op.streams.length).dealt.forEach(({ left, right }, i) => {
      const A = op.mask(x, left);
      const B = op.mask(y, right);
      applyBilinear(op.ring, f, product, A, B, i > 0);
      for (const words of [A, B]) op.release(words);
    });
    dealWholeProduct(op, productFields(truncate, op.streams.length), truncate, product);
    op.release(product);
  },
};
