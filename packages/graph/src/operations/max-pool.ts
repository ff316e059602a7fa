/** Maximum over a sliding window, exact; padding never wins. */
import type { OpenPads } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operations } from '../operation/operations.js';
import { hullOver } from '../plain/interval.js';
import { concretePads, poolShape } from '../shape/window.js';
import { foldWindows } from './shared/fold-windows.js';
import { POOL_EXAMPLES } from './shared/pool-examples.js';
import { type Pool1dOptions, type PoolOptions, poolAttributes } from './shared/window-options.js';

export interface MaxPoolAttributes<L = readonly number[]> {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: L;
  readonly ceilMode: boolean;
}

export const definition: OperationDefinition<'MaxPool', MaxPoolAttributes, MaxPoolAttributes<OpenPads>> = {
  op: 'MaxPool',
  summary: 'maximum over a window',
  attributes: { kernel: 'sizes', strides: 'sizes', dilations: 'sizes', pads: 'pads', ceilMode: 'bool' },
  arity: [1, 1],
  infer: ([x], attributes) => [poolShape(x, attributes)],
  resolve: (attributes, [x]) => ({ ...attributes, pads: concretePads(x.slice(2), attributes) }),
  evaluate([x], attributes) {
    const shape = poolShape(x.shape, attributes) as number[];
    const data = foldWindows(x, shape, attributes, -Infinity, (most, element) => Math.max(most, element));
    return [{ shape, data }];
  },
  // The last axis first, so that the first of equal elements in a window wins.
  expand(k, [x], attributes) {
    const shape = poolShape(k.shapeOf(x), attributes) as number[];
    let y = x;
    for (let axis = shape.length - 1; axis > 1; axis--) y = alongAxis(k, y, axis, shape[axis], attributes);
    return [y];
  },
  bounds: ([x], attributes) => {
    const { low, high } = hullOver(
      x,
      attributes.kernel.map((_, i) => i + 2),
    );
    return [{ shape: poolShape(x.shape, attributes) as number[], low, high }];
  },
  examples: POOL_EXAMPLES,
};

/** Maxima of windows along one axis: of pairs of neighbouring taps, then of pairs of these. */
function alongAxis<T>(
  k: Operations<T>,
  x: T,
  axis: number,
  windows: number,
  { kernel, strides, dilations, pads }: MaxPoolAttributes,
): T {
  const i = axis - 2;
  const size = k.shapeOf(x)[axis];
  const dilation = dilations[i];
  // In place of padding an element of the same window that is no padding.
  const places = (tap: number) =>
    Array.from({ length: windows }, (_, window) => {
      const start = window * strides[i] - pads[i];
      const least = Math.max(0, Math.ceil(-start / dilation));
      const most = Math.min(kernel[i] - 1, Math.floor((size - 1 - start) / dilation));
      return start + Math.min(Math.max(tap, least), most) * dilation;
    });
  let candidates = Array.from({ length: kernel[i] }, (_, tap) =>
    takeAlong(k, x, axis, places(tap), strides[i]),
  );
  while (candidates.length > 1)
    candidates = Array.from({ length: Math.ceil(candidates.length / 2) }, (_, pair) => {
      const [first, second] = candidates.slice(2 * pair, 2 * pair + 2);
      return second === undefined ? first : k.add(first, k.relu(k.sub(second, first)));
    });
  return candidates[0];
}

/** Elements along an axis; where they are evenly spaced, a view. */
function takeAlong<T>(k: Operations<T>, x: T, axis: number, places: readonly number[], stride: number): T {
  const [start] = places;
  if (places.length > 0 && places.every((place, i) => place === start + i * stride))
    return k.slice(x, {
      axes: [axis],
      starts: [start],
      ends: [start + (places.length - 1) * stride + 1],
      steps: [stride],
    });
  return k.take(x, { axis, indices: places, shape: [places.length] });
}

export type MaxPoolOptions = PoolOptions;

export const methods = {
  /**
   * Maximum of each window of [N, C, H, W], exact, at the scale of x (a ReLU afterwards truncates for free). Rounds:
   * those of a ReLU for each halving of the window, so 8 for a 2x2 window by default (6 for up to 640 elements).
   * @param options see the type; an unknown name is an error
   * @returns [N, C, out height, out width]
   * @throws ShapeError where no window fits
   * @throws ArgumentError for an unknown option
   * @example x.maxPool2d({ kernel: 2 })
   */
  maxPool2d: (_x: unknown, options: MaxPoolOptions) => ({
    attributes: poolAttributes('maxPool2d', options, 2),
  }),
  /**
   * Maximum of each window of [N, C, W], exact. Rounds as maxPool2d.
   * @param options see the type; an unknown name is an error
   * @returns [N, C, out width]
   * @throws ShapeError where no window fits
   * @throws ArgumentError for an unknown option
   * @example x.maxPool1d({ kernel: 2 })
   */
  maxPool1d: (_x: unknown, options: Pool1dOptions) => ({
    attributes: poolAttributes('maxPool1d', options, 1),
  }),
};
