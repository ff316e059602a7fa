/**
 * Names a mask so that the dealer can expand it: the operation that made it, who holds parts of it, and the views
 * (transpose, slice, broadcast) that the tensor went through since. Linear operations commute with views, so a masked
 * tensor keeps its mask through them.
 */
import type { Ring, Words } from '@tacit/ring';
import type { OpId } from './prg.js';

/** A strided view: element i0,i1,.. of the result is element offset + sum(strides * i) of the source. */
export interface StridedView {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

export interface MaskRef {
  readonly id: OpId;
  /** Elements of the mask as made. */
  readonly n: number;
  /** Ranks whose streams add up to the mask. */
  readonly holders: readonly number[];
  readonly views: readonly StridedView[];
}

/** Whether a view only gives another shape to all of `n` elements. */
export function isWhole({ shape, strides, offset }: StridedView, n: number): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis];
  }
  return offset === 0 && step === n;
}

/** The mask after one more view. */
export const viewed = (ref: MaskRef, view: StridedView): MaskRef => ({ ...ref, views: [...ref.views, view] });

/** Applies views in order. Returns `words` itself when there are none. */
export function applyViews(ring: Ring, words: Words, views: readonly StridedView[]): Words {
  let current = words;
  for (const { shape, strides, offset } of views) {
    const next = new BigUint64Array(shape.reduce((a, b) => a * b, 1));
    ring.gather(next, current, shape, strides, offset);
    current = next;
  }
  return current;
}
