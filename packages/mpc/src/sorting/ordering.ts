/**
 * Carries out a plan of comparisons. Which rows are compared depends on what earlier comparisons told; how many, on the
 * plan only: so a stage is issued before the one before it has been opened.
 */
import { candidatesOf, evenSizes, type Merge, type OrderPlan, searchStep } from './plan.js';

/** A run of rows of each lane. Which ones is known when the stage before has been opened. */
export class Run {
  /** Of a lane after the other, the places of its rows. */
  readonly at: Int32Array;

  constructor(
    readonly lanes: number,
    readonly length: number,
  ) {
    this.at = new Int32Array(lanes * length);
  }

  lane(lane: number): Int32Array {
    return this.at.subarray(lane * this.length, (lane + 1) * this.length);
  }
}

/** Comparisons of a stage that belong together: as many in each lane. */
export interface Comparisons {
  readonly count: number;
  /** Which rows of a lane are compared. */
  pairs(lane: number, left: Int32Array, right: Int32Array): void;
  /** Takes the bits [left < right] of that lane. */
  told(lane: number, less: Uint8Array): void;
}

/** What carries out the stages of an ordering. */
export interface Stages {
  /** Issues a stage. */
  compare(parts: readonly Comparisons[]): void;
  /** Runs work when all stages so far have been opened, before the next one chooses its rows. */
  afterwards(work: () => void): void;
}

/**
 * Orders rows, the least first.
 * @param keep how many of them are wanted
 * @returns where they are, known after the last stage
 */
export function order(stages: Stages, run: Run, keep: number, plan: OrderPlan): Run {
  if (run.length < 2) return firstOf(stages, run, keep);
  if (plan.kind === 'pairs') {
    const pairs = new AllPairs(run, keep);
    stages.compare([pairs]);
    return pairs.ordered;
  }
  return plan.kind === 'merge'
    ? orderByMerges(stages, run, keep, plan.groups, plan.merges)
    : select(stages, run, keep, plan);
}

function firstOf(stages: Stages, run: Run, keep: number): Run {
  if (keep === run.length) return run;
  const first = new Run(run.lanes, keep);
  stages.afterwards(() => {
    for (let lane = 0; lane < run.lanes; lane++) first.lane(lane).set(run.lane(lane).subarray(0, keep));
  });
  return first;
}

/** Runs of these sizes, one after the other. */
function divided(stages: Stages, run: Run, sizes: readonly number[]): Run[] {
  const parts = sizes.map((size) => new Run(run.lanes, size));
  stages.afterwards(() => {
    for (let lane = 0; lane < run.lanes; lane++) {
      const from = run.lane(lane);
      let start = 0;
      for (const part of parts) {
        part.lane(lane).set(from.subarray(start, start + part.length));
        start += part.length;
      }
    }
  });
  return parts;
}

/** Every two rows of a run. */
class AllPairs implements Comparisons {
  readonly count: number;
  readonly ordered: Run;
  readonly #places: Int32Array;

  constructor(
    readonly run: Run,
    keep: number,
  ) {
    this.count = (run.length * (run.length - 1)) / 2;
    this.ordered = new Run(run.lanes, Math.min(keep, run.length));
    this.#places = new Int32Array(run.length);
  }

  pairs(lane: number, left: Int32Array, right: Int32Array): void {
    const rows = this.run.lane(lane);
    let next = 0;
    for (let i = 0; i < rows.length; i++)
      for (let j = i + 1; j < rows.length; j++) {
        left[next] = rows[i];
        right[next++] = rows[j];
      }
  }

  told(lane: number, less: Uint8Array): void {
    const places = this.#places.fill(0);
    let next = 0;
    for (let i = 0; i < places.length; i++)
      for (let j = i + 1; j < places.length; j++) {
        const bit = less[next++];
        places[j] += bit;
        places[i] += 1 - bit;
      }
    const [rows, ordered] = [this.run.lane(lane), this.ordered.lane(lane)];
    places.forEach((place, i) => {
      if (place < ordered.length) ordered[place] = rows[i];
    });
  }
}

function orderByMerges(
  stages: Stages,
  run: Run,
  keep: number,
  groups: number,
  merges: readonly Merge[],
): Run {
  const parts = divided(stages, run, evenSizes(run.length, groups)).map((part) => new AllPairs(part, keep));
  stages.compare(parts);
  let lists = parts.map(({ ordered }) => ordered);
  for (const merge of merges) {
    const sizes = evenSizes(lists.length, Math.ceil(lists.length / merge.lists));
    let start = 0;
    const together = sizes.map((size) => {
      start += size;
      return new Merging(lists.slice(start - size, start), keep);
    });
    for (let left = merge.steps; left > 0; left--) {
      const probes = together.flatMap(({ searches }) => searches.flatMap((search) => search.step(left)));
      if (probes.length > 0) stages.compare(probes);
    }
    lists = together.map((merging) => {
      stages.afterwards(() => merging.finish());
      return merging.merged;
    });
  }
  return lists[0];
}

/** Looks for the places of the rows of one ordered list in another one: how many rows there are less. */
class Search {
  /** The least that a place may be. */
  readonly low: Int32Array;
  /** Places that are left, from the least one on. */
  #slots: number;

  constructor(
    readonly rows: Run,
    readonly list: Run,
  ) {
    this.low = new Int32Array(rows.at.length);
    this.#slots = list.length + 1;
  }

  /** The comparisons of one step. @param left steps that are left, this one included */
  step(left: number): Comparisons[] {
    const slots = this.#slots;
    const { part, probes } = searchStep(slots, left);
    this.#slots = part;
    if (probes === 0) return [];
    const { rows, list, low } = this;
    const start = (lane: number) => lane * rows.length;
    return [
      {
        count: rows.length * probes,
        pairs(lane, one, other) {
          const [own, theirs] = [rows.lane(lane), list.lane(lane)];
          let next = 0;
          for (let i = 0; i < own.length; i++)
            for (let p = 1; p <= probes; p++) {
              one[next] = own[i];
              other[next++] = theirs[low[start(lane) + i] + p * part - 1];
            }
        },
        told(lane, less) {
          let next = 0;
          for (let i = 0; i < rows.length; i++) {
            let passed = 0;
            for (let p = 0; p < probes; p++) passed += 1 - less[next++];
            // The last part may be shorter: then it begins earlier, so that all are of one size.
            low[start(lane) + i] += Math.min(passed * part, slots - part);
          }
        },
      },
    ];
  }
}

/** Several ordered lists on their way to one. */
class Merging {
  readonly searches: readonly Search[];
  readonly merged: Run;

  constructor(
    readonly lists: readonly Run[],
    keep: number,
  ) {
    const [{ lanes }] = lists;
    const total = lists.reduce((sum, { length }) => sum + length, 0);
    this.merged = new Run(lanes, Math.min(keep, total));
    this.searches = lists.flatMap((a, i) =>
      lists.slice(i + 1).map((b) => (a.length <= b.length ? new Search(a, b) : new Search(b, a))),
    );
  }

  /** The place of a row is the sum of its places in all lists. */
  finish(): void {
    const { lists, merged } = this;
    const places = new Map(lists.map((list) => [list, new Int32Array(list.at.length)]));
    for (let lane = 0; lane < merged.lanes; lane++) {
      for (const [list, own] of places) for (let i = 0; i < list.length; i++) own[lane * list.length + i] = i;
      for (const { rows, list, low } of this.searches)
        addPlaces(lane, rows, list, low, places.get(rows), places.get(list));
      const to = merged.lane(lane);
      for (const [list, own] of places) {
        const from = list.lane(lane);
        for (let i = 0; i < from.length; i++) {
          const place = own[lane * list.length + i];
          if (place < to.length) to[place] = from[i];
        }
      }
    }
  }
}

/** Adds to the places of the rows of either list those in the other. */
function addPlaces(
  lane: number,
  rows: Run,
  list: Run,
  low: Int32Array,
  ofRows: Int32Array = new Int32Array(0),
  ofList: Int32Array = new Int32Array(0),
): void {
  const passed = new Int32Array(list.length + 1);
  for (let i = 0; i < rows.length; i++) {
    const place = low[lane * rows.length + i];
    ofRows[lane * rows.length + i] += place;
    passed[place]++;
  }
  // Before a row of the list come the rows whose place is not behind it.
  let before = 0;
  for (let j = 0; j < list.length; j++) {
    before += passed[j];
    ofList[lane * list.length + j] += before;
  }
}

function select(
  stages: Stages,
  run: Run,
  keep: number,
  { size, groups: ofGroups, rest }: Extract<OrderPlan, { kind: 'select' }>,
): Run {
  const { lanes } = run;
  const count = Math.floor(run.length / size);
  const left = run.length - count * size;
  const sizes = [...new Array<number>(count).fill(size), ...(left > 0 ? [left] : [])];
  const parts = divided(stages, run, sizes);
  const groups = parts.slice(0, count).map((part) => new AllPairs(part, keep));
  stages.compare(groups);
  const firsts = new Run(lanes, count);
  stages.afterwards(() => {
    for (let lane = 0; lane < lanes; lane++)
      groups.forEach(({ ordered }, group) => {
        firsts.lane(lane)[group] = ordered.lane(lane)[0];
      });
  });
  const best = order(stages, firsts, Math.min(keep, count), ofGroups);
  const candidates = new Run(lanes, candidatesOf(run.length, keep, size));
  stages.afterwards(() => {
    for (let lane = 0; lane < lanes; lane++) {
      const groupOf = new Map(Array.from(firsts.lane(lane), (row, group) => [row, group]));
      const to = candidates.lane(lane);
      let next = 0;
      best.lane(lane).forEach((row, j) => {
        const { ordered } = groups[groupOf.get(row) ?? 0];
        const some = ordered.lane(lane).subarray(0, keep - j);
        to.set(some, next);
        next += some.length;
      });
      if (left > 0) to.set(parts[count].lane(lane), next);
    }
  });
  return order(stages, candidates, keep, rest);
}
