/**
 * Mask-once tensors: X is opened as E = X - A under a mask A that the parties expand from their seeds, once; every
 * product with X reuses (E, A). Views carry the masked form along. One round, 8 bytes an element, the first time only.
 */
import type { Words } from '@tacit/ring';
import { Layout } from '../runtime/layout.js';
import { applyViews, type MaskRef, type StridedView, viewed } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, MaskedValue, Share } from '../runtime/share.js';

/** Field 0 is the mask: DealerOp.mask expands it there. */
export const maskLayout = () => {
  const layout = new Layout();
  return { layout, mask: layout.freeWords('mask') };
};

/** The masked form of x: opened at the first call, the same object afterwards. */
export function maskOnce(session: Session, x: Share): Masked {
  x.assertUsable();
  const known = x.masks.all;
  if (known) return known;
  const { shape, size: n } = x;
  const { layout, mask } = maskLayout();
  let A: Words | undefined;
  const handle = session.issue(
    { descriptor: { kind: 'mask', n, shape }, inputs: [x], shape, rounds: 1, layout },
    async (op, [share]) => {
      const own = op.pool.take(n);
      A = own;
      return op.openWords('E', 64, (block, out) => {
        const a = op.scratch.words(block.length);
        op.share(mask, a, block);
        own.set(a, block.start);
        op.ring.sub(out, share.subarray(block.start, block.start + block.length), a);
      });
    },
  );
  const value = handle.value.then((E): MaskedValue => {
    if (!A) throw new Error('the mask was not expanded');
    return { E, A };
  });
  const masked = keep(session, x, handle, shape, value, {
    id: handle.id,
    n,
    holders: Array.from({ length: session.parties }, (_, i) => i),
    views: [],
  });
  x.masks.all = masked;
  return masked;
}

/** Ties the masked form of x, made by the operation of the third argument, to the life of x. */
export function keep(
  session: Session,
  x: Share,
  { stamp, depth }: Share,
  shape: readonly number[],
  value: Promise<MaskedValue>,
  ref: MaskRef,
): Masked {
  value.catch(() => {}); // reported where it is awaited
  x.lifetime.onEnd(() => {
    value.then(
      ({ E, A }) => {
        session.pool.give(A);
        if (E !== A) session.pool.give(E);
      },
      () => {},
    );
  });
  return { ref, stamp, shape, depth, value, lifetime: x.lifetime };
}

/** A masked form seen through a view (transpose, slice, broadcast): same mask, no message. */
export function viewMasked(session: Session, masked: Masked, view: StridedView): Masked {
  const value = masked.value.then(({ E, A }) => {
    const seenE = applyViews(session.ring, E, [view]);
    return { E: seenE, A: E === A ? seenE : applyViews(session.ring, A, [view]) };
  });
  value.catch(() => {}); // reported where it is awaited
  return { ...masked, shape: view.shape, ref: viewed(masked.ref, view), value };
}
