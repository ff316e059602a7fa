/**
 * Mask-once tensors: X is opened as E = X - A under a mask A that the parties expand from their seeds, once. What party
 * i keeps of it is its factor l_i E + A_i, which is all that products with X take (product-form.ts); every product
 * reuses it, and views carry it along. One round, 8 bytes an element, the first time only.
 *
 * The masked form belongs to the value: a handle with another shape gets it in that shape, and a view of a masked value
 * gets the view of its masked form, without a message (knownMasked).
 */
import { sizeOf, type Words } from '@tacit/ring';
import { type Block, blockOf, Layout } from '../runtime/layout.js';
import { applyViews, isWhole, type MaskRef, type StridedView, viewed } from '../runtime/mask-ref.js';
import type { Session } from '../runtime/session.js';
import type { Masked, Share, ValueForms } from '../runtime/share.js';
import { productForm } from './product-form.js';

/** Field 0 is the mask: DealerOp.mask expands it there. */
export const maskLayout = () => {
  const layout = new Layout();
  return { layout, mask: layout.freeWords('mask') };
};

/**
 * The dealer expands all of a mask to see a view of it, and deals for a product of views as a whole. A view so much
 * smaller than its origin, or as large as this, is opened under a mask of its own.
 */
const WIDEST_ORIGIN = 4;
const LARGEST_VIEW = 2 ** 24;

/** Where a value keeps one of its masked forms: that opened to all, or that sent to one party. */
export interface FormPlace {
  get(forms: ValueForms): Masked | undefined;
  set(forms: ValueForms, masked: Masked): void;
}

/** The masked form of x that is there already, in the shape of x: its own, or a view of that of what x is a view of. */
export function knownMasked(session: Session, x: Share, place: FormPlace): Masked | undefined {
  const known = place.get(x.forms) ?? viewOfOrigin(session, x, place);
  if (!known) return undefined;
  return sameShape(known.shape, x.shape) ? known : { ...known, shape: x.shape };
}

function viewOfOrigin(
  session: Session,
  { forms, size, lifetime }: Share,
  place: FormPlace,
): Masked | undefined {
  const views: StridedView[] = [];
  let masked: Masked | undefined;
  for (let { origin } = forms; origin && !masked; origin = origin.forms.origin) {
    views.unshift(origin.view);
    masked = place.get(origin.forms);
  }
  if (!masked || masked.ref.n > WIDEST_ORIGIN * size || size > LARGEST_VIEW) return undefined;
  // It must be there as long as the view.
  const base = masked.lifetime;
  base.hold();
  lifetime.onEnd(() => base.release());
  const seen = views.reduce((form, view) => viewMasked(session, form, view), masked);
  place.set(forms, seen);
  return seen;
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

const TO_ALL: FormPlace = {
  get: ({ all }) => all,
  set: (forms, masked) => {
    forms.all = masked;
  },
};

/** The masked form of x: opened at the first call, unless x is a view of a masked tensor. */
export function maskOnce(session: Session, x: Share): Masked {
  x.assertUsable();
  const known = knownMasked(session, x, TO_ALL);
  if (known) return known;
  const { shape, size: n } = x;
  const { layout, mask } = maskLayout();
  const l = productForm(session.parties).l[session.rank];
  const handle = session.issueElementwise(
    { descriptor: { kind: 'mask', n, shape }, inputs: [x], shape, rounds: 1, opens: [{ bits: 64 }], layout },
    (op, [share], factor) => {
      const produce = (block: Block, e: Words) => {
        e.set(blockOf(share, block));
        op.subtractShare(mask, e, block);
      };
      // The own part of l E + A: with x_i - a_i = e_i, l e_i + a_i = x_i + (l - 1) e_i.
      const keep = (block: Block, e: Words) => {
        op.ring.addScaled(blockOf(factor, block), blockOf(share, block), l - 1n, e);
      };
      return op.openWhole('E', produce, keep, (theirs) => op.ring.addScaled(factor, factor, l, theirs));
    },
  );
  const { value, underway } = handle;
  const holders = Array.from({ length: session.parties }, (_, i) => i);
  const ref = { id: handle.id, n, holders, views: [] };
  const masked = { ...keep(session, x, handle, shape, value, ref), underway };
  x.forms.all = masked;
  return masked;
}

/** Ties the masked form of x, made by the operation of the third argument, to the life of x. */
export function keep(
  session: Session,
  x: Share,
  { stamp, depth }: Share,
  shape: readonly number[],
  value: Promise<Words>,
  ref: MaskRef,
): Masked {
  value.catch(() => {}); // reported where it is awaited
  x.lifetime.onEnd(() => {
    value.then(
      (words) => session.pool.give(words),
      () => {},
    );
  });
  return { ref, stamp, shape, depth, value, lifetime: x.lifetime };
}

/** A masked form seen through a view (transpose, slice, broadcast): same mask, no message. */
export function viewMasked(session: Session, masked: Masked, view: StridedView): Masked {
  if (isWhole(view, sizeOf(masked.shape))) return { ...masked, shape: view.shape };
  const value = masked.value.then((words) => applyViews(session.ring, words, [view]));
  value.catch(() => {}); // reported where it is awaited
  return { ...masked, shape: view.shape, ref: viewed(masked.ref, view), value, underway: undefined };
}
