/** Maxima over as many windows as are wanted, exact. */
import type { OperationDefinition } from '../operation/definition.js';
import { hullOver } from '../plain/interval.js';
import {
  ADAPTIVE_EXAMPLES,
  type AdaptiveAttributes,
  adaptiveArguments,
  adaptiveShape,
  adaptiveWindows,
  evenWindows,
} from './shared/adaptive.js';
import { reduceAxes } from './shared/reduction.js';
import { picked, takeAxes } from './shared/take-axes.js';

export const definition: OperationDefinition<'AdaptiveMaxPool', AdaptiveAttributes> = {
  op: 'AdaptiveMaxPool',
  summary: 'maxima over as many windows as are wanted',
  attributes: { size: 'sizes' },
  arity: [1, 1],
  infer: ([x], attributes) => [adaptiveShape(x, attributes)],
  evaluate([x], attributes) {
    const { positions, split, within } = arranged(x.shape, attributes);
    const parts = { shape: split, data: picked(x, positions).data };
    return [reduceAxes(parts, within, false, 'max')];
  },
  expand(k, [x], attributes) {
    const even = evenWindows(k.shapeOf(x), attributes);
    if (even) return [k.maxPool(x, even)];
    const { positions, split, within } = arranged(k.shapeOf(x), attributes);
    const parts = k.reshape(takeAxes(k, x, positions), { shape: split, allowZero: true });
    return [k.reduceMax(parts, { axes: within, keepDims: false })];
  },
  bounds: ([x], attributes) => {
    const { low, high } = hullOver(
      x,
      attributes.size.map((_, i) => i + 2),
    );
    return [{ shape: adaptiveShape(x.shape, attributes) as number[], low, high }];
  },
  examples: ADAPTIVE_EXAMPLES,
};

/** All windows beside each other, as long as the longest: the last element of a shorter one stands for what it lacks. */
function arranged(shape: readonly number[], { size }: AdaptiveAttributes) {
  const windows = size.map((count, i) => adaptiveWindows(shape[i + 2], count));
  const lengths = windows.map((list) => list.reduce((most, [, length]) => Math.max(most, length), 0));
  const positions = [
    ...shape.slice(0, 2).map((d) => Array.from({ length: d }, (_, i) => i)),
    ...windows.map((list, axis) =>
      list.flatMap(([start, length]) =>
        Array.from({ length: lengths[axis] }, (_, i) => start + Math.min(i, length - 1)),
      ),
    ),
  ];
  return {
    positions,
    split: [...shape.slice(0, 2), ...size.flatMap((count, i) => [count, lengths[i]])],
    within: size.map((_, i) => 3 + 2 * i),
  };
}

export const methods = {
  /**
   * Maxima of [N, C, H, W] over as many windows as are wanted, exact, as PyTorch's `adaptive_max_pool2d`: window i of n is
   * from floor(i H / n) to ceil((i + 1) H / n). Rounds as max.
   * @param size height and width of the result, or one number for both
   * @returns [N, C, height, width]
   * @throws ShapeError for another number of axes, or no element
   * @throws ArgumentError for what is not a number or a pair
   * @example x.adaptiveMaxPool2d([2, 2])
   */
  adaptiveMaxPool2d: (_x: unknown, size: number | readonly [number, number]) =>
    adaptiveArguments('adaptiveMaxPool2d', size),
};
