/** Maximum over a sliding window, exact; padding never wins. */
import type { OpenPads } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operations } from '../operation/operations.js';
import { hullOver } from '../plain/interval.js';
import { sizeOf } from '../shape/dims.js';
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
  gradient: (k, { inputs: [x], outputs: [y], dy: [dy], attributes }) => [winners(k, x, y, dy, attributes)],
  bounds: ([x], attributes) => {
    const { low, high } = hullOver(
      x,
      attributes.kernel.map((_, i) => i + 2),
    );
    return [{ shape: poolShape(x.shape, attributes) as number[], low, high }];
  },
  examples: POOL_EXAMPLES,
};

/** The cotangent of each window at its first maximum: tap by tap of the kernel, in the order of the window. */
function winners<T>(
  k: Operations<T>,
  x: T,
  y: T,
  dy: T,
  { kernel, strides, dilations, pads }: MaxPoolAttributes,
): T {
  const [shape, out] = [k.shapeOf(x), k.shapeOf(y)];
  const axes = kernel.map((_, i) => i + 2);
  const reach = kernel.map((d, i) => (out[i + 2] - 1) * strides[i] + (d - 1) * dilations[i] + 1);
  const before = kernel.map((_, i) => pads[i]);
  const after = kernel.map((_, i) => Math.max(0, reach[i] - shape[i + 2] - before[i]));
  const size = kernel.map((_, i) => shape[i + 2] + before[i] + after[i]);
  const all = (value: number) => ({ pads: [0, 0, ...before, 0, 0, ...after], value });
  const image = k.pad(x, all(0));
  const inside = k.pad(k.add({ shape, data: new Float64Array(sizeOf(shape)).fill(1) }, 0), all(0));
  let left = k.add({ shape: out, data: new Float64Array(sizeOf(out)).fill(1) }, 0);
  let total: T | undefined;
  for (let tap = 0; tap < sizeOf(kernel); tap++) {
    const offset = axes.map(
      (_, i) => (Math.floor(tap / sizeOf(kernel.slice(i + 1))) % kernel[i]) * dilations[i],
    );
    const bounds = {
      axes,
      starts: offset,
      ends: offset.map((o, i) => o + (out[i + 2] - 1) * strides[i] + 1),
      steps: strides,
    };
    const wins = k.mul(k.mul(k.equal(k.slice(image, bounds), y), k.slice(inside, bounds)), left);
    left = k.sub(left, wins);
    const placed = place(k, k.mul(wins, dy), offset, strides, size);
    total = total === undefined ? placed : k.add(total, placed);
  }
  return k.slice(total as T, {
    axes,
    starts: before,
    ends: before.map((b, i) => b + shape[i + 2]),
    steps: axes.map(() => 1),
  });
}

/** x [N, C, ...windows] at every stride from an offset in zeros of the given spatial size. */
function place<T>(
  k: Operations<T>,
  x: T,
  offset: readonly number[],
  strides: readonly number[],
  size: readonly number[],
): T {
  const [batch, channels, ...windows] = k.shapeOf(x);
  const lone = [batch, channels, ...windows.flatMap((d) => [d, 1])];
  const gaps = [...lone.map(() => 0), 0, 0, ...strides.flatMap((stride) => [0, stride - 1])];
  const apart = k.pad(k.reshape(x, { shape: lone, allowZero: true }), { pads: gaps, value: 0 });
  const joined = k.reshape(apart, {
    shape: [batch, channels, ...windows.map((d, i) => d * strides[i])],
    allowZero: true,
  });
  const after = windows.map((d, i) => size[i] - offset[i] - d * strides[i]);
  return k.pad(joined, { pads: [0, 0, ...offset, 0, 0, ...after], value: 0 });
}

export type MaxPoolOptions = PoolOptions;

export const methods = {
  /**
   * Maximum of each window of [N, C, H, W], exact, at the scale of x (a ReLU afterwards truncates for free). Rounds:
   * those of a ReLU for each halving of the window, so 8 for a 2x2 window by default (6 for up to 256 elements).
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
