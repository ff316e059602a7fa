/**
 * Model-owner mode: a bilinear map f of a secret X and a plaintext W of one party (protocols/owned.ts):
 *
 *     owner:  Z = f(X_owner + sum_j E_j, W) + C_owner          others: Z_j = f(A_j, F) + C_j
 *
 * with F = W - B, A = sum A_j, C = f(A, B) dealt. One plain product a party; that of the others does not depend on the
 * input, so it is made as soon as the operation is issued. No message beyond the masking toward the owner.
 */
import { checkBilinear, checkMask, checkOwnedBy } from '../dealer/check-operands.js';
import type { DealerHalf } from '../dealer/half.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import { nextTurn } from '../runtime/ticks.js';
import type { Descriptor } from '../runtime/transcript.js';
import { applyBilinear, type Bilinear } from './bilinear.js';
import { completeWholeProduct, dealWholeProduct } from './linear.js';
import { checkTruncation, productFields, type Truncation } from './truncation.js';

interface OwnedLinearDescriptor extends Descriptor {
  readonly kind: 'owned-linear';
  readonly f: Bilinear;
  readonly shape: readonly number[];
  readonly x: MaskRef;
  readonly w: MaskRef;
  /** Whether W is the right operand of f. */
  readonly wRight: boolean;
  /** Bits to drop, in one more round. */
  readonly truncate?: Truncation;
}

/** f(x, w), or f(w, x) where `wRight` is false, for x masked toward the owner of w; `shape` is the result's. */
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
  const own = productFields(truncate, session.parties);
  const n = shape.reduce((a, b) => a * b, 1);
  const descriptor: OwnedLinearDescriptor = {
    kind: 'owned-linear',
    n,
    f,
    shape,
    x: x.ref,
    w: w.ref,
    wRight,
    truncate,
  };
  const owner = w.ref.holders[0];
  return session.issue(
    {
      descriptor,
      inputs: [],
      masked: [x, w],
      shape,
      rounds: truncate ? 1 : 0,
      layout: own.layout,
      output: 'overwritten',
    },
    async (op, [X, W], out) => {
      // The others are not waited for yet: let what is due to be sent leave first.
      if (op.rank !== owner) await nextTurn();
      applyBilinear(op.ring, f, out, wRight ? X : W, wRight ? W : X, false);
      await completeWholeProduct(op, own, truncate, out, 1n);
    },
  );
}

export const ownedLinearDealer: DealerHalf<OwnedLinearDescriptor> = {
  kind: 'owned-linear',
  elementwise: false,
  check(request) {
    const [x, w] = [checkMask(request, 'x'), checkMask(request, 'w')];
    if (request.flag('wRight')) checkBilinear(request, x, w);
    else checkBilinear(request, w, x);
    checkOwnedBy(request, 'w', 'x');
    request.truncation();
  },
  layout: ({ truncate }, _config, parties) => productFields(truncate, parties).layout,
  deal(op, { f, x, w, wRight, n, truncate }) {
    const product = op.pool.take(n);
    const A = op.mask(x);
    const B = op.mask(w);
    applyBilinear(op.ring, f, product, wRight ? A : B, wRight ? B : A, false);
    dealWholeProduct(op, productFields(truncate, op.streams.length), truncate, product);
    for (const words of [A, B, product]) op.release(words);
  },
};
