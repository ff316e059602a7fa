/**
 * Which weight of a layer moves in a round, and where to.
 *
 * `paper`: AdvParams (Xue, Wu, Wang, Zhang and Liu, arXiv 2105.13697). The most influential weight is the one with the
 * largest gradient in size; it takes a step of `stepSize` (max W - min W) in the direction of the gradient's sign, and is
 * clamped to the layer's bounds. What is ours: a weight that has no way left in that direction is passed over, where a
 * clamp alone would move it against the gradient; and `maxParams` counts different weights, so that one may move again.
 *
 * `seed`: as the public implementation of the paper does it. The largest signed gradient counts, weights only ever grow,
 * the range is that of the weights now, a weight that would leave the bounds is clamped and masked, and every move counts
 * towards `maxParams`. A layer with no gradient above 0 stands still, as it does there.
 */
import type { Layer } from './layer.js';

/** How weights are chosen. */
export type Rule = 'paper' | 'seed';

/** A weight and where it goes. */
export interface Move {
  readonly layer: Layer;
  readonly index: number;
  readonly value: number;
}

/** What a rule needs to know. */
export interface RuleOptions {
  readonly stepSize: number;
  readonly maxParams: number;
}

/** Chooses the move of a layer in a round. One a lock: rules may remember what they did. */
export type ChooseMove = (layer: Layer, gradient: ArrayLike<number>) => Move | undefined;

/**
 * A rule for one lock.
 * @param rule its name
 * @param options limits and step
 * @returns what chooses a move, or undefined where a layer has none
 * @example const choose = ruleOf('paper', { stepSize: 0.1, maxParams: 25 });
 */
export const ruleOf = (rule: Rule, options: RuleOptions): ChooseMove =>
  rule === 'paper' ? paperRule(options) : seedRule(options);

const paperRule =
  ({ stepSize, maxParams }: RuleOptions): ChooseMove =>
  (layer, gradient) => {
    const { low, high, range } = layer.bounds;
    const full = layer.moved >= maxParams;
    const step = stepSize * range;
    const passed = new Set<number>();
    for (;;) {
      let best = -1;
      let size = 0;
      for (let i = 0; i < gradient.length; i++) {
        const g = gradient[i];
        const influence = Math.abs(g);
        if (!(influence > size) || influence === Number.POSITIVE_INFINITY) continue;
        // Cheap checks first: most weights are never looked at more closely.
        const value = layer.values[i];
        if (g > 0 ? !(value < high) : !(value > low)) continue;
        if ((full && !layer.wasMoved(i)) || passed.has(i)) continue;
        best = i;
        size = influence;
      }
      if (best < 0) return undefined;
      const up = gradient[best] > 0;
      const value = layer.target(best, up ? step : -step);
      // A step below the precision of the type leads nowhere.
      if (value !== undefined && (up ? value > layer.values[best] : value < layer.values[best]))
        return { layer, index: best, value };
      passed.add(best);
    }
  };

function seedRule({ stepSize, maxParams }: RuleOptions): ChooseMove {
  const masked = new Map<Layer, Set<number>>();
  const moves = new Map<Layer, number>();
  return (layer, gradient) => {
    const mask = masked.get(layer) ?? new Set<number>();
    masked.set(layer, mask);
    const used = moves.get(layer) ?? 0;
    if (used >= maxParams) return undefined;
    moves.set(layer, used + 1);
    let best = -1;
    for (let i = 0; i < gradient.length; i++)
      if (!mask.has(i) && gradient[i] > (best < 0 ? 0 : gradient[best])) best = i;
    if (best < 0) return undefined;
    const step = stepSize * rangeOf(layer.values);
    const there = layer.values[best] + step;
    if (there < layer.bounds.low || there > layer.bounds.high) mask.add(best);
    const value = layer.target(best, step);
    return value === undefined ? undefined : { layer, index: best, value };
  };
}

function rangeOf(values: Float64Array): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high > low && Number.isFinite(high - low) ? high - low : 0;
}
