/**
 * Model-owner mode: a bilinear map f of a secret X and a plaintext W of one party (protocols/owned.ts):
 *
 *     owner:  Z = f(X_owner + sum_j E_j, W) + C_owner          others: Z_j = f(A_j, F) + C_j
 *
 * with F = W - B, A = sum A_j, C = f(A, B) dealt. One plain product a party; that of the others does not depend on the
 * input, so it is made as soon as the operation is issued. No message beyond the masking toward the owner.
 */
import type { DealerHalf } from '../dealer/half.js';
import { Layout } from '../runtime/layout.js';
import type { MaskRef } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import { nextTurn } from '../runtime/ticks.js';
import type { Descriptor } from '../runtime/transcript.js';
import { applyBilinear, type Bilinear } from './bilinear.js';
import { addField } from './linear.js';

interface OwnedLinearDescriptor extends Descriptor {
  readonly kind: 'owned-linear';
  readonly f: Bilinear;
  readonly shape: readonly number[];
  readonly x: MaskRef;
  readonly w: MaskRef;
  /** Whether W is the right operand of f. */
  readonly wRight: boolean;
}

const fields = () => {
  const layout = new Layout();
  return { layout, c: layout.words('C') };
};

/** f(x, w), or f(w, x) where `wRight` is false, for x masked toward the owner of w; `shape` is the result's. */
export function ownedLinear(
  session: Session,
  f: Bilinear,
  x: Masked,
  w: Masked,
  wRight: boolean,
  shape: readonly number[],
): Share {
  const { layout, c } = fields();
  const n = shape.reduce((a, b) => a * b, 1);
  const descriptor: OwnedLinearDescriptor = { kind: 'owned-linear', n, f, shape, x: x.ref, w: w.ref, wRight };
  const owner = w.ref.holders[0];
  return session.issue(
    { descriptor, inputs: [], masked: [x, w], shape, rounds: 0, layout },
    async (op, [X, , W]) => {
      // The others are not waited for yet: let what is due to be sent leave first.
      if (op.rank !== owner) await nextTurn();
      const out = op.pool.take(n);
      applyBilinear(op.ring, f, out, wRight ? X : W, wRight ? W : X, false);
      await op.dealt();
      addField(op, c, out);
      return out;
    },
  );
}

export const ownedLinearDealer: DealerHalf<OwnedLinearDescriptor> = {
  kind: 'owned-linear',
  elementwise: false,
  layout: () => fields().layout,
  deal(op, { f, x, w, wRight, n }) {
    const product = new BigUint64Array(n);
    const A = op.mask(x);
    const B = op.mask(w);
    applyBilinear(op.ring, f, product, wRight ? A : B, wRight ? B : A, false);
    op.dealAll(fields().c, product);
  },
};
