/**
 * Carries out a plan of comparisons. Which rows are compared depends on what earlier comparisons told; how many, on the
 * plan only: so a stage is issued before the one before it has been opened.
 */
import { AllPairs } from './all-pairs.js';
import { Lists } from './lists.js';
import { Merging } from './merging.js';
import { candidatesOf, type Merge, type OrderPlan } from './plan.js';
import type { Stages } from './stages.js';

/**
 * Orders a list of rows, the least first.
 * @param keep how many of them are wanted
 * @returns where they are, known after the last stage
 */
export function order(stages: Stages, rows: Lists, keep: number, plan: OrderPlan): Lists {
  if (rows.stride < 2) return new Lists(rows.lanes, [keep], rows);
  if (plan.kind === 'pairs') return byPairs(stages, rows, keep);
  return plan.kind === 'merge'
    ? byMerges(stages, byPairs(stages, rows.divided(plan.groups), keep), keep, plan.merges)
    : bySelection(stages, rows, keep, plan);
}

function byPairs(stages: Stages, lists: Lists, keep: number): Lists {
  const pairs = new AllPairs(lists, keep);
  stages.compare([pairs]);
  return pairs.ordered;
}

function byMerges(stages: Stages, ordered: Lists, keep: number, merges: readonly Merge[]): Lists {
  let lists = ordered;
  for (const { lists: together, steps } of merges) {
    const merging = new Merging(lists, together, keep);
    for (let left = steps; left > 0; left--) stages.compare(merging.step(left));
    stages.afterwards(() => merging.finish());
    lists = merging.merged;
  }
  return lists;
}

function bySelection(
  stages: Stages,
  rows: Lists,
  keep: number,
  { size, groups, rest }: Extract<OrderPlan, { kind: 'select' }>,
): Lists {
  const { lanes, stride } = rows;
  const count = Math.floor(stride / size);
  const ordered = byPairs(stages, new Lists(lanes, new Array<number>(count).fill(size), rows), keep);
  const firsts = new Lists(lanes, [count]);
  stages.afterwards(() => {
    for (let i = 0; i < firsts.at.length; i++) firsts.at[i] = ordered.at[i * (ordered.stride / count)];
  });
  const best = order(stages, firsts, Math.min(keep, count), groups);
  const candidates = new Lists(lanes, [candidatesOf(stride, keep, size)]);
  stages.afterwards(() => {
    // Rows are numbered among all rows of a lane, of which these may be some.
    const groupOf = new Int32Array(1 + firsts.at.reduce((a, b) => Math.max(a, b), 0));
    let next = 0;
    for (let lane = 0; lane < lanes; lane++) {
      for (let group = 0; group < count; group++) groupOf[firsts.at[lane * count + group]] = group;
      for (let j = 0; j < best.sizes[0]; j++) {
        const group = groupOf[best.at[lane * best.stride + j]];
        const start = lane * ordered.stride + ordered.starts[group];
        const some = Math.min(ordered.sizes[group], keep - j);
        for (let i = 0; i < some; i++) candidates.at[next++] = ordered.at[start + i];
      }
      for (let i = count * size; i < stride; i++) candidates.at[next++] = rows.at[lane * stride + i];
    }
  });
  return order(stages, candidates, keep, rest);
}
