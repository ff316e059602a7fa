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
import type { DealerOp } from '../definition/dealer-op.js';
import { defineProtocol } from '../definition/protocol.js';
import { checkHeldByAll, readBilinear, readMask } from '../definition/request-operands.js';
import { applyBilinear, type Bilinear } from '../runtime/bilinear.js';
import { blockOf } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import { checkTruncation, readTruncation, type Truncation } from '../truncation/parameters.js';
import {
  completeProduct,
  dealProduct,
  type ProductFields,
  type ProductParameters,
  productDefinition,
} from './complete-product.js';
import { maskOnce } from './mask.js';
import { productForm } from './product-form.js';

interface Parameters extends ProductParameters {
  readonly f: Bilinear;
  readonly x: MaskRef;
  readonly y: MaskRef;
}

/**
 * s f(x, y) for two masked tensors, s = 2^productBits(parties); `shape` is the result's. With `truncate` it is truncated
 * in one round: then |s f(x, y)| < 2^(l-2), and the bits to drop count from there.
 * @throws RangeError where the truncation does not fit its window
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
  const parameters = { f, x: x.ref, y: y.ref, truncate };
  return linearProtocol.run(session, { masked: [x, y], shape, parameters });
}

/** Turns a party's plain product into its share of the product, k times it and C, truncated or not. In place. */
export const completeWholeProduct = (
  op: PartyOp,
  own: ProductFields,
  truncate: Truncation | undefined,
  out: Words,
  k: bigint,
): Promise<void> =>
  completeProduct(op, own, truncate, out, (block, C, to) => op.ring.addScaled(to, C, k, blockOf(out, block)));

/** Dealer half of a product whose C was computed as a whole. */
export function dealWholeProduct(
  op: DealerOp,
  own: ProductFields,
  truncate: Truncation | undefined,
  C: Words,
): void {
  for (const block of op.blocks()) {
    const part = blockOf(C, block);
    dealProduct(op, own, truncate, block, (out, sign) => op.ring.addScaled(out, out, sign, part));
  }
}

export const linearProtocol = defineProtocol<Parameters, ProductFields>({
  ...productDefinition,
  kind: 'linear',
  elementwise: false,
  output: 'overwritten',
  parameters(request) {
    const [x, y] = [readMask(request, 'x'), readMask(request, 'y')];
    const f = readBilinear(request, x.size, y.size, request.parties - 1);
    checkHeldByAll(request, x.ref, y.ref);
    return { f, x: x.ref, y: y.ref, ...readTruncation(request) };
  },
  party(op, { inputs: [U, V], out, parameters: { f, truncate }, fields }) {
    applyBilinear(op.ring, f, out, U, V, false);
    return completeWholeProduct(op, fields, truncate, out, productForm(op.parties).k[op.rank]);
  },
  dealer(op, { f, x, y, truncate }, fields) {
    const product = op.pool.take(op.n);
    productForm(op.streams.length).dealt.forEach(({ left, right }, i) => {
      const A = op.mask(x, left);
      const B = op.mask(y, right);
      applyBilinear(op.ring, f, product, A, B, i > 0);
      for (const words of [A, B]) op.release(words);
    });
    dealWholeProduct(op, fields, truncate, product);
    op.release(product);
  },
  examples: {
    'linear map, truncated at once': (s, { x, y, drop }) =>
      linearMasked(s, { op: 'mul', n: x.size }, maskOnce(s, x), maskOnce(s, y), x.shape, drop),
  },
});
