/**
 * Forms of a value that were made once and are used again: opened under a mask, truncated. They belong to the value, not
 * to a handle: all handles to the same words (reshapes) share them, each sees them in its own shape. A view of the value
 * is a value of its own, but remembers where it comes from: linear operations commute with views, so the masked form of
 * what it is a view of serves it, too.
 */

import type { StridedView } from './mask-ref.js';
import type { Masked, Share } from './share.js';

export class ValueForms {
  /** Opened to all under a mask that all parties made. */
  all: Masked | undefined;
  /** Sent to the owner of a plaintext operand, by the owner's rank. */
  readonly toward = new Map<number, Masked>();
  /** Truncations, by the bits that are dropped and the window. */
  readonly truncated = new Map<string, Share>();
  #handles = 1;

  /** @param origin of what other value this one is a view, if of any */
  constructor(readonly origin?: { readonly forms: ValueForms; readonly view: StridedView }) {}

  /** One more handle to the value. */
  hold(): void {
    this.#handles++;
  }

  /**
   * One handle less. Without handles there are no forms: whether a view finds a masked form of its origin depends on what
   * the program disposed of, which is the same at all parties, and not on how long operations take.
   */
  release(): void {
    if (--this.#handles > 0) return;
    for (const share of this.truncated.values()) share.dispose();
    this.truncated.clear();
    this.toward.clear();
    this.all = undefined;
  }
}
