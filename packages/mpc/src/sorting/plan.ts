/**
 * How the first rows of an order are found by comparisons that are told to all: a plan that depends on sizes only. What
 * it costs is comparisons and stages, each of which takes the rounds of a comparison.
 */

/** One way to order rows. */
export type OrderPlan =
  /** Every two rows are compared: one stage. */
  | { readonly kind: 'pairs' }
  /** Rows are divided into groups, whose rows are ordered by pairs; then the ordered groups are merged. */
  | { readonly kind: 'merge'; readonly groups: number; readonly merges: readonly Merge[] }
  /**
   * Only for few of many rows: groups of `size` rows are ordered by pairs, and the groups are ordered by their first
   * rows. Of the group in place j only the first `keep - j` rows can be among those that are looked for. Rows that fill no
   * group are candidates anyway.
   */
  | { readonly kind: 'select'; readonly size: number; readonly groups: OrderPlan; readonly rest: OrderPlan };

/** As many ordered lists at a time become one. The place of a row in another list is found in `steps` stages. */
export interface Merge {
  readonly lists: number;
  readonly steps: number;
}

/** What a plan costs. */
interface Costed<P> {
  readonly plan: P;
  readonly cost: number;
}

/** What a stage costs beside its comparisons: as much as so many comparisons. Measured between threads (bench). */
const STAGE = 12_000;
/** Rows of a group that is ordered by pairs. */
const SIZES = [2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 64];
/** Lists that are merged at once, at most. */
const MOST_LISTS = 16;
/** Stages that look for a place, at most. */
const MOST_STEPS = 4;

const pairsOf = (n: number): number => (n * (n - 1)) / 2;

/** Candidates that a selection leaves: see OrderPlan. */
export const candidatesOf = (n: number, keep: number, size: number): number => {
  const groups = Math.floor(n / size);
  let sum = n - groups * size;
  for (let j = 0; j < Math.min(keep, groups); j++) sum += Math.min(size, keep - j);
  return sum;
};

/**
 * One step of looking for a place among `slots`: probes divide them into parts of `part` slots.
 * @param steps that are left, this one included
 */
export function searchStep(slots: number, steps: number): { readonly part: number; readonly probes: number } {
  let parts = Math.max(1, Math.floor(slots ** (1 / steps)));
  while (parts ** steps < slots) parts++;
  const part = Math.ceil(slots / parts);
  return { part, probes: Math.ceil(slots / part) - 1 };
}

/** Comparisons that find a place among `slots`. */
function searchCost(slots: number, steps: number): number {
  let sum = 0;
  for (let left = steps, rest = slots; left > 0 && rest > 1; left--) {
    const { part, probes } = searchStep(rest, left);
    sum += probes;
    rest = part;
  }
  return sum;
}

class Planner {
  readonly #plans = new Map<string, Costed<OrderPlan>>();
  readonly #merges = new Map<string, Costed<readonly Merge[]>>();

  constructor(readonly lanes: number) {}

  /** The first `keep` of n rows, in order. */
  best(n: number, keep: number): Costed<OrderPlan> {
    if (n < 2) return { plan: { kind: 'pairs' }, cost: 0 };
    const key = `${n}/${keep}`;
    const known = this.#plans.get(key);
    if (known) return known;
    const found = this.#candidates(n, keep).reduce((a, b) => (b.cost < a.cost ? b : a));
    this.#plans.set(key, found);
    return found;
  }

  #candidates(n: number, keep: number): Costed<OrderPlan>[] {
    const found: Costed<OrderPlan>[] = [{ plan: { kind: 'pairs' }, cost: STAGE + pairsOf(n) * this.lanes }];
    const sizes = SIZES.filter((size) => 2 * size <= n);
    for (const size of sizes) {
      const groups = Math.ceil(n / size);
      const { plan: merges, cost } = this.#merge(groups, Math.min(keep, size), keep);
      const ordering = STAGE + groups * pairsOf(n / groups) * this.lanes;
      found.push({ plan: { kind: 'merge', groups, merges }, cost: ordering + cost });
    }
    for (const size of sizes) {
      const groups = Math.floor(n / size);
      const left = candidatesOf(n, keep, size);
      if (2 * left > n) continue;
      const first = this.best(groups, Math.min(keep, groups));
      const rest = this.best(left, keep);
      const ordering = STAGE + groups * pairsOf(size) * this.lanes;
      const plan = { kind: 'select', size, groups: first.plan, rest: rest.plan } as const;
      found.push({ plan, cost: ordering + first.cost + rest.cost });
    }
    return found;
  }

  /** Merges `count` lists of `length` rows, of which no more than `keep` are looked for. */
  #merge(count: number, length: number, keep: number): Costed<readonly Merge[]> {
    if (count < 2) return { plan: [], cost: 0 };
    const key = `${count}/${length}/${keep}`;
    const known = this.#merges.get(key);
    if (known) return known;
    let best: Costed<readonly Merge[]> = { plan: [], cost: Infinity };
    for (let lists = 2; lists <= Math.min(count, MOST_LISTS); lists++) {
      const merged = Math.ceil(count / lists);
      const rest = this.#merge(merged, Math.min(keep, lists * length), keep);
      const searches = merged * pairsOf(count / merged) * length * this.lanes;
      for (let steps = 1; steps <= MOST_STEPS; steps++) {
        const cost = rest.cost + steps * STAGE + searches * searchCost(length + 1, steps);
        if (cost < best.cost) best = { plan: [{ lists, steps }, ...rest.plan], cost };
      }
    }
    this.#merges.set(key, best);
    return best;
  }
}

/** Plans that are kept. */
const MOST_KNOWN = 256;
const known = new Map<string, OrderPlan>();

/** The cheapest plan that finds the first `keep` of `n` rows of each of so many lanes. */
export function planOrder(lanes: number, n: number, keep: number): OrderPlan {
  const key = `${lanes}/${n}/${keep}`;
  let plan = known.get(key);
  if (!plan) {
    ({ plan } = new Planner(lanes).best(n, keep));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, plan);
  }
  return plan;
}

/** So many things in so many parts whose sizes differ by one at most. */
export const evenSizes = (n: number, parts: number): number[] =>
  Array.from({ length: parts }, (_, i) => Math.floor(((i + 1) * n) / parts) - Math.floor((i * n) / parts));
