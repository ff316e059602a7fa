/**
 * Elementwise product of two masked tensors of one shape, s X Y with one plain product a party (product-form.ts):
 *
 *     Z_i = k_i U_i V_i + C_i        U_i, V_i the party's factors (mask.ts)
 *
 * No round and no message beyond the masking of X and Y. Dealer: 8 bytes an element. The result has the sum of the
 * operands' scales and productBits(parties) more; truncate it.
 */
import { sizeOf } from '@tacit/ring';
import { checkSameShape } from '../checks.js';
import { defineProtocol } from '../definition/protocol.js';
import { checkHeldByAll, readWholeMask } from '../definition/request-operands.js';
import { blockOf } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
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
import { linearMasked } from './linear.js';
import { maskOnce } from './mask.js';
import { addProductOfMasks } from './mask-products.js';
import { productForm } from './product-form.js';

interface Parameters extends ProductParameters {
  readonly x: MaskRef;
  readonly y: MaskRef;
}

/**
 * s x y for two masked tensors of the same shape, s = 2^productBits(parties); that of views is computed as linear.ts
 * does. With `truncate` it is truncated in one round (complete-product.ts): then |s x y| < 2^(l-2), and the bits to
 * drop count from s x y, too.
 * @throws ShapeError where the shapes differ, RangeError where the truncation does not fit its window
 */
export function multiplyMasked(session: Session, x: Masked, y: Masked, truncate?: Truncation): Share {
  if (truncate) checkTruncation(truncate);
  checkSameShape('multiply', x.shape, y.shape);
  if (x.ref.views.length + y.ref.views.length > 0)
    return linearMasked(session, { op: 'mul', n: sizeOf(x.shape) }, x, y, x.shape, truncate);
  const parameters = { x: x.ref, y: y.ref, truncate };
  return multiplyProtocol.run(session, { masked: [x, y], shape: x.shape, parameters });
}

export const multiplyProtocol = defineProtocol<Parameters, ProductFields>({
  ...productDefinition,
  kind: 'multiply',
  elementwise: true,
  parameters(request) {
    const x = readWholeMask(request, 'x');
    const y = readWholeMask(request, 'y');
    checkHeldByAll(request, x, y);
    return { x, y, ...readTruncation(request) };
  },
  party(op, { inputs: [U, V], out, parameters, fields }) {
    const k = productForm(op.parties).k[op.rank];
    return completeProduct(op, fields, parameters.truncate, out, (block, C, to) =>
      op.ring.scaledMulAdd(to, k, blockOf(U, block), blockOf(V, block), C),
    );
  },
  dealer(op, { x, y, truncate }, fields) {
    for (const block of op.blocks())
      dealProduct(op, fields, truncate, block, (C, sign) => addProductOfMasks(op, x, y, block, C, sign));
  },
  examples: {
    'product, kept at double scale': (s, { x, y }) => multiplyMasked(s, maskOnce(s, x), maskOnce(s, y)),
    'product, truncated at once': (s, { x, y, drop }) =>
      multiplyMasked(s, maskOnce(s, x), maskOnce(s, y), drop),
  },
});
