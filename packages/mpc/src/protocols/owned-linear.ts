/**
 * Model-owner mode: a bilinear map f of a secret X and a plaintext W of one party (protocols/owned-operand.ts):
 *
 *     owner:  Z = f(X_owner + sum_j E_j, W) + C_owner          others: Z_j = f(A_j, F) + C_j
 *
 * with F = W - B, A = sum A_j, C = f(A, B) dealt. One plain product a party; that of the others does not depend on the
 * input, so it is made as soon as the operation is issued. No message beyond the masking toward the owner.
 */

import type { Words } from '@tacit/ring';
import type { DealerOp } from '../definition/dealer-op.js';
import { defineProtocol } from '../definition/protocol.js';
import { checkOwnedBy, readBilinear, readMask } from '../definition/request-operands.js';
import { applyBilinear, type Bilinear } from '../runtime/bilinear.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import { nextTurn } from '../runtime/next-turn.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import { checkTruncation, readTruncation, type Truncation } from '../truncation/parameters.js';
import { type ProductFields, type ProductParameters, productDefinition } from './complete-product.js';
import { completeWholeProduct, dealWholeProduct } from './linear.js';
import { maskToward, Owned } from './owned-operand.js';

interface Parameters extends ProductParameters {
  readonly f: Bilinear;
  readonly x: MaskRef;
  readonly w: MaskRef;
  /** Whether W is the right operand of f. */
  readonly wRight: boolean;
}

/**
 * f(x, w), or f(w, x) where `wRight` is false, for x masked toward the owner of w; `shape` is the result's.
 * @throws RangeError where the truncation does not fit its window
 */
export function ownedLinear(
  session: Session,
  f: Bilinear,
  x: Masked,
  w: Masked,
  wRight: boolean,
  shape: readonly number[],
  truncate?: Truncation,
): Share {
  if (truncate) checkTruncation(truncate);
  const parameters = { f, x: x.ref, w: w.ref, wRight, truncate };
  return ownedLinearProtocol.run(session, { masked: [x, w], shape, parameters });
}

/** Masks of larger matrices are not kept, and are expanded some rows at a time: 32 MiB. */
const PART = 2 ** 22;

/** Words of a block of a stream. */
const STREAM_BLOCK = 8;

const floorTo = (n: number, step: number): number => Math.floor(n / step) * step;

/** The product of a matrix and the mask of one. */
function timesMask(op: DealerOp, f: Bilinear & { op: 'matmul' }, A: Words, w: MaskRef, product: Words): void {
  const { m, k, n } = f;
  if (w.n <= op.masks.maxBytes / 8) {
    const B = op.mask(w);
    applyBilinear(op.ring, f, product, A, B, false);
    op.release(B);
    return;
  }
  // Streams are read from whole blocks on.
  const step = Math.max(STREAM_BLOCK, floorTo(PART / n, STREAM_BLOCK));
  for (let row = 0; row < k; row += step) {
    const rows = Math.min(step, k - row);
    const columns = op.pool.take(m * rows);
    op.ring.gather(columns, A, [m, rows], [k, 1], row);
    const B = op.maskPart(w, row * n, rows * n);
    applyBilinear(op.ring, { ...f, k: rows }, product, columns, B, row > 0);
    for (const words of [columns, B]) op.release(words);
  }
}

export const ownedLinearProtocol = defineProtocol<Parameters, ProductFields>({
  ...productDefinition,
  kind: 'owned-linear',
  elementwise: false,
  output: 'overwritten',
  parameters(request) {
    const [x, w] = [readMask(request, 'x'), readMask(request, 'w')];
    const wRight = request.flag('wRight');
    const f = wRight ? readBilinear(request, x.size, w.size) : readBilinear(request, w.size, x.size);
    checkOwnedBy(request, w.ref, x.ref);
    return { f, x: x.ref, w: w.ref, wRight, ...readTruncation(request) };
  },
  async party(op, { inputs: [X, W], out, parameters: { f, w, wRight, truncate }, fields }) {
    // The others are not waited for yet: let what is due to be sent leave first.
    if (op.rank !== w.holders[0]) await nextTurn();
    applyBilinear(op.ring, f, out, wRight ? X : W, wRight ? W : X, false);
    await completeWholeProduct(op, fields, truncate, out, 1n);
  },
  dealer(op, { f, x, w, wRight, truncate }, fields) {
    const product = op.pool.take(op.n);
    const A = op.mask(x);
    if (wRight && f.op === 'matmul' && f.batch === 1 && w.views.length === 0) timesMask(op, f, A, w, product);
    else {
      const B = op.mask(w);
      applyBilinear(op.ring, f, product, wRight ? A : B, wRight ? B : A, false);
      op.release(B);
    }
    dealWholeProduct(op, fields, truncate, product);
    for (const words of [A, product]) op.release(words);
  },
  examples: {
    'linear map by an owned operand, truncated': (s, { x, drop }) => {
      const w = new Owned(s, 1, x.shape, s.rank === 1 ? new BigUint64Array(x.size).fill(3n) : undefined);
      const f = { op: 'mul', n: x.size } as const;
      return ownedLinear(s, f, maskToward(s, x, 1), w.opened, true, x.shape, drop);
    },
  },
});
