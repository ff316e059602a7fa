/**
 * Elementwise square of a masked tensor, s X^2 in the form of a product (product-form.ts): Z_i = k_i U_i^2 + C_i. No
 * round and no message beyond the masking. Dealer: 8 bytes an element. The result has twice the operand's scale and
 * productBits(parties) more.
 */
import { sizeOf } from '@tacit/ring';
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
}

/**
 * s x^2 for a masked tensor, s = 2^productBits(parties); that of a view is computed as linear.ts does. With `truncate`
 * it is truncated in one round (complete-product.ts): then |s x^2| < 2^(l-2), and the bits to drop count from there.
 * @throws RangeError where the truncation does not fit its window
 */
export function squareMasked(session: Session, x: Masked, truncate?: Truncation): Share {
  if (truncate) checkTruncation(truncate);
  if (x.ref.views.length > 0)
    return linearMasked(session, { op: 'mul', n: sizeOf(x.shape) }, x, x, x.shape, truncate);
  const parameters = { x: x.ref, truncate };
  return squareProtocol.run(session, { masked: [x], shape: x.shape, parameters });
}

export const squareProtocol = defineProtocol<Parameters, ProductFields>({
  ...productDefinition,
  kind: 'square',
  elementwise: true,
  parameters(request) {
    const x = readWholeMask(request, 'x');
    checkHeldByAll(request, x);
    return { x, ...readTruncation(request) };
  },
  party(op, { inputs: [U], out, parameters, fields }) {
    const k = productForm(op.parties).k[op.rank];
    return completeProduct(op, fields, parameters.truncate, out, (block, C, to) => {
      const factor = blockOf(U, block);
      op.ring.scaledMulAdd(to, k, factor, factor, C);
    });
  },
  dealer(op, { x, truncate }, fields) {
    for (const block of op.blocks())
      dealProduct(op, fields, truncate, block, (C, sign) => addProductOfMasks(op, x, x, block, C, sign));
  },
  examples: {
    'square, truncated at once': (s, { x, drop }) => squareMasked(s, maskOnce(s, x), drop),
  },
});
