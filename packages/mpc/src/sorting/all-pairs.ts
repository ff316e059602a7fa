/** Orders lists by comparing every two rows of each: one stage. */
import { Lists } from './lists.js';
import type { Comparisons } from './stages.js';

export class AllPairs implements Comparisons {
  readonly count: number;
  /** The first rows of each list, in order. */
  readonly ordered: Lists;
  readonly #places: Int32Array;

  /** @param keep how many of each list are wanted */
  constructor(
    readonly lists: Lists,
    keep: number,
  ) {
    const { lanes, sizes } = lists;
    this.count = sizes.reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
    const kept = sizes.map((n) => Math.min(keep, n));
    this.ordered = new Lists(lanes, kept);
    this.#places = new Int32Array(Math.max(0, ...sizes));
  }

  pairs(lane: number, left: Int32Array, right: Int32Array, from: number): void {
    const { at, starts, stride, count } = this.lists;
    let next = from;
    for (let list = 0; list < count; list++) {
      const end = lane * stride + starts[list + 1];
      for (let i = lane * stride + starts[list]; i < end; i++)
        for (let j = i + 1; j < end; j++) {
          left[next] = at[i];
          right[next++] = at[j];
        }
    }
  }

  told(lane: number, less: Uint8Array, from: number): void {
    const { at, starts, stride, count } = this.lists;
    const { ordered } = this;
    const places = this.#places;
    let next = from;
    for (let list = 0; list < count; list++) {
      const n = starts[list + 1] - starts[list];
      for (let i = 0; i < n; i++) places[i] = 0;
      for (let i = 0; i < n; i++)
        for (let j = i + 1; j < n; j++) {
          const bit = less[next++];
          places[j] += bit;
          places[i] += 1 - bit;
        }
      const source = lane * stride + starts[list];
      const target = lane * ordered.stride + ordered.starts[list];
      const kept = ordered.sizes[list];
      for (let i = 0; i < n; i++) if (places[i] < kept) ordered.at[target + places[i]] = at[source + i];
    }
  }
}
