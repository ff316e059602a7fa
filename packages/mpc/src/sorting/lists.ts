/**
 * Lists of rows of each lane, the same number of lists of the same lengths in every lane. Which rows is known when the
 * stage before has been opened. There may be thousands of short lists: all of them are in one array.
 */
import { evenSizes } from './plan.js';

export class Lists {
  /** Where each list of a lane starts in it, and where the last one ends. */
  readonly starts: Int32Array;
  /** Of a lane after the other, the places of its rows. */
  readonly at: Int32Array;
  /** From a lane to the next one. */
  readonly stride: number;

  /** @param of whose rows these are divided anew; default rows of their own */
  constructor(
    readonly lanes: number,
    readonly sizes: readonly number[],
    of?: Lists,
  ) {
    this.starts = new Int32Array(sizes.length + 1);
    for (let list = 0; list < sizes.length; list++) this.starts[list + 1] = this.starts[list] + sizes[list];
    this.stride = of ? of.stride : this.starts[sizes.length];
    this.at = of ? of.at : new Int32Array(lanes * this.stride);
  }

  get count(): number {
    return this.sizes.length;
  }

  /** All n rows of each lane, as one list. */
  static all(lanes: number, n: number): Lists {
    const all = new Lists(lanes, [n]);
    for (let i = 0; i < all.at.length; i++) all.at[i] = i % n;
    return all;
  }

  /** The same rows in lists whose lengths differ by one at most. */
  divided(parts: number): Lists {
    return new Lists(this.lanes, evenSizes(this.stride, parts), this);
  }
}
