/**
 * Merges ordered lists, several at a time: the place of a row is the sum of its places in all of them. For every two
 * lists the places of the rows of the shorter one in the other are looked for, and the others follow.
 */
import { Lists } from './lists.js';
import { evenSizes, searchStep } from './plan.js';
import type { Comparisons } from './stages.js';

export class Merging {
  readonly merged: Lists;
  readonly #searches: Search[] = [];
  /** The first list of each group that becomes one, and the end. */
  readonly #groups: readonly number[];
  /** Of a lane, the places of all rows. */
  readonly #places: Int32Array;

  /**
   * @param together how many lists become one, at most
   * @param keep how many rows of each of them are wanted
   */
  constructor(
    readonly lists: Lists,
    together: number,
    keep: number,
  ) {
    const { sizes, count, lanes, starts } = lists;
    const groups = [0];
    for (const size of evenSizes(count, Math.ceil(count / together)))
      groups.push(groups[groups.length - 1] + size);
    this.#groups = groups;
    const total = (group: number) => starts[groups[group + 1]] - starts[groups[group]];
    const merged = Array.from({ length: groups.length - 1 }, (_, group) => Math.min(keep, total(group)));
    this.merged = new Lists(lanes, merged);
    this.#places = new Int32Array(starts[count]);
    for (let group = 0; group + 1 < groups.length; group++)
      for (let a = groups[group]; a < groups[group + 1]; a++)
        for (let b = a + 1; b < groups[group + 1]; b++)
          this.#searches.push(sizes[a] <= sizes[b] ? new Search(lists, a, b) : new Search(lists, b, a));
  }

  /** The comparisons of one step of all searches. @param left steps that are left, this one included */
  step(left: number): Comparisons[] {
    return this.#searches.flatMap((search) => search.step(left) ?? []);
  }

  /** Writes the merged lists, after the last step. */
  finish(): void {
    const { lists, merged } = this;
    const places = this.#places;
    for (let lane = 0; lane < lists.lanes; lane++) {
      for (let list = 0; list < lists.count; list++)
        for (let i = lists.starts[list]; i < lists.starts[list + 1]; i++) places[i] = i - lists.starts[list];
      for (const search of this.#searches) search.addPlaces(lane, places);
      for (let group = 0; group < merged.count; group++) {
        const kept = merged.sizes[group];
        const target = lane * merged.stride + merged.starts[group];
        const end = lists.starts[this.#groups[group + 1]];
        for (let i = lists.starts[this.#groups[group]]; i < end; i++)
          if (places[i] < kept) merged.at[target + places[i]] = lists.at[lane * lists.stride + i];
      }
    }
  }
}

/** Looks for the places of the rows of one ordered list in another one: how many rows there are less. */
class Search {
  readonly #rows: number;
  readonly #list: number;
  readonly #size: number;
  readonly #length: number;
  /** The least that a place may be, by lanes. */
  readonly #low: Int32Array;
  /** Places that are left, from the least one on. */
  #slots: number;
  readonly #passed: Int32Array;

  constructor(
    readonly lists: Lists,
    rows: number,
    list: number,
  ) {
    this.#rows = lists.starts[rows];
    this.#list = lists.starts[list];
    this.#size = lists.sizes[rows];
    this.#length = lists.sizes[list];
    this.#low = new Int32Array(lists.lanes * this.#size);
    this.#slots = this.#length + 1;
    this.#passed = new Int32Array(this.#slots);
  }

  step(left: number): Comparisons | undefined {
    const slots = this.#slots;
    const { part, probes } = searchStep(slots, left);
    this.#slots = part;
    if (probes === 0) return undefined;
    const { at, stride } = this.lists;
    const [size, low] = [this.#size, this.#low];
    const [rows, list] = [this.#rows, this.#list];
    return {
      count: size * probes,
      pairs(lane, one, other, from) {
        let next = from;
        for (let i = 0; i < size; i++) {
          const row = at[lane * stride + rows + i];
          const first = lane * stride + list + low[lane * size + i] - 1;
          for (let p = 1; p <= probes; p++) {
            one[next] = row;
            other[next++] = at[first + p * part];
          }
        }
      },
      told(lane, less, from) {
        let next = from;
        for (let i = 0; i < size; i++) {
          let passed = 0;
          for (let p = 0; p < probes; p++) passed += 1 - less[next++];
          // The last part may be shorter: then it begins earlier, so that all are of one size.
          low[lane * size + i] += Math.min(passed * part, slots - part);
        }
      },
    };
  }

  /** Adds to the places of the rows of either list those in the other. */
  addPlaces(lane: number, places: Int32Array): void {
    const passed = this.#passed.fill(0);
    for (let i = 0; i < this.#size; i++) {
      const place = this.#low[lane * this.#size + i];
      places[this.#rows + i] += place;
      passed[place]++;
    }
    // Before a row of the list come the rows whose place is not behind it.
    let before = 0;
    for (let j = 0; j < this.#length; j++) {
      before += passed[j];
      places[this.#list + j] += before;
    }
  }
}
