/** Sliding windows over one or two spatial axes: the one place that knows how many windows there are. */
import { ShapeError } from '@tacit/errors';
import { at, type Dim, mapDim, type Shape, show } from './dims.js';

export type SamePads = 'SAME_UPPER' | 'SAME_LOWER';

export interface WindowGeometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All begins, then all ends ([top, left, bottom, right]). */
  readonly pads: readonly number[] | SamePads;
  readonly ceilMode?: boolean;
}

/** The geometry with pads as numbers. */
export type ConcreteWindow = Omit<WindowGeometry, 'pads'> & { readonly pads: readonly number[] };

/**
 * How many elements a window spans along an axis.
 * @param window kernel and dilations
 * @param axis spatial axis
 * @returns (kernel - 1) dilation + 1
 * @example windowReach({ kernel: [3], dilations: [2] }, 0); // 5
 */
export const windowReach = (
  { kernel, dilations }: Pick<WindowGeometry, 'kernel' | 'dilations'>,
  axis: number,
): number => (at(kernel, axis) - 1) * at(dilations, axis) + 1;

/**
 * Explicit pads for auto_pad SAME_*: output size is ceil(input / stride); the odd one goes last (UPPER) or first.
 * @param mode whether the odd one goes last or first
 * @param spatial sizes of the spatial axes
 * @param window kernel, strides and dilations
 * @returns all begins, then all ends
 * @example samePads('SAME_UPPER', [5], { kernel: [2], strides: [1], dilations: [1] }); // [ 0, 1 ]
 */
export function samePads(
  mode: SamePads,
  spatial: readonly number[],
  { kernel, strides, dilations }: Omit<WindowGeometry, 'pads'>,
): number[] {
  const begins: number[] = [];
  const ends: number[] = [];
  spatial.forEach((size, axis) => {
    const stride = at(strides, axis);
    const reach = (at(kernel, axis) - 1) * at(dilations, axis) + 1;
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
    const small = Math.floor(total / 2);
    begins.push(mode === 'SAME_UPPER' ? small : total - small);
    ends.push(mode === 'SAME_UPPER' ? total - small : small);
  });
  return [...begins, ...ends];
}

/**
 * Explicit pads for the spatial sizes of a concrete input.
 * @param spatial sizes of the spatial axes
 * @param window kernel, strides, dilations and padding
 * @returns all begins, then all ends
 * @example concretePads([5], window);
 */
export const concretePads = (spatial: readonly number[], window: WindowGeometry): readonly number[] =>
  typeof window.pads === 'string' ? samePads(window.pads, spatial, window) : window.pads;

/**
 * Spatial output sizes of a sliding window.
 * @param spatial sizes of the spatial axes
 * @param window kernel, strides, dilations and padding
 * @returns one size an axis; `'?'` where the input's is not known
 * @throws ShapeError where the lists differ in length or no window fits
 * @example windowSizes([28, 28], window);
 */
export function windowSizes(spatial: Shape, window: WindowGeometry): Dim[] {
  const axes = window.kernel.length;
  const { strides, dilations, pads } = window;
  if (spatial.length !== axes || strides.length !== axes || dilations.length !== axes)
    throw new ShapeError(`a window of ${axes} axes does not slide over the spatial axes ${show(spatial)}`);
  if (typeof pads !== 'string' && pads.length !== 2 * axes)
    throw new ShapeError(`pads [${pads}] are not two amounts for each of ${axes} axes`);
  return spatial.map((dim, axis) =>
    mapDim(dim, (size) => {
      const stride = at(strides, axis);
      if (typeof pads === 'string') return Math.ceil(size / stride);
      const before = at(pads, axis);
      const padded = size + before + at(pads, axis + axes);
      const reach = (at(window.kernel, axis) - 1) * at(dilations, axis) + 1;
      if (padded < reach)
        throw new ShapeError(`a window of ${reach} does not fit into a padded size of ${padded}`);
      const steps = (padded - reach) / stride;
      if (!window.ceilMode) return Math.floor(steps) + 1;
      const count = Math.ceil(steps) + 1;
      // A window that starts in the padding behind the data is left out.
      return (count - 1) * stride >= size + before ? count - 1 : count;
    }),
  );
}

/**
 * Output shape of a pool over [N, C, ...spatial].
 * @param input shape of the input
 * @param window kernel, strides, dilations and padding
 * @returns [N, C, ...spatial]
 * @throws ShapeError where the ranks differ or no window fits
 * @example poolShape([1, 8, 28, 28], window);
 */
export function poolShape(input: Shape | undefined, window: WindowGeometry): Shape {
  if (input === undefined || input.length !== window.kernel.length + 2)
    throw new ShapeError(`a window of ${window.kernel.length} axes does not slide over ${show(input)}`);
  return [at(input, 0), at(input, 1), ...windowSizes(input.slice(2), window)];
}

type Pair = readonly [number, number];

/** One or two spatial axes as two: a missing one has height 1. */
export interface Window2d {
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
}

/**
 * The window of an operation from an input to an output of known shapes [N, C, ...spatial].
 * @param input shape of the input
 * @param output shape of the output
 * @param window kernel, strides, dilations and padding
 * @returns sizes, strides, dilations and padding as pairs
 * @example asWindow2d([1, 1, 4], [1, 1, 2], window).height; // 1
 */
export function asWindow2d(
  input: readonly number[],
  output: readonly number[],
  window: ConcreteWindow,
): Window2d {
  const pair = (values: readonly number[], lead: number): [number, number] =>
    values.length === 1 ? [lead, at(values, 0)] : [at(values, 0), at(values, 1)];
  const axes = window.kernel.length;
  const [top, left] = pair(window.pads.slice(0, axes), 0);
  const [bottom, right] = pair(window.pads.slice(axes), 0);
  const [height, width] = pair(input.slice(2), 1);
  const [outHeight, outWidth] = pair(output.slice(2), 1);
  return {
    height,
    width,
    outHeight,
    outWidth,
    kernel: pair(window.kernel, 1),
    strides: pair(window.strides, 1),
    dilations: pair(window.dilations, 1),
    pads: [top, left, bottom, right],
  };
}

/**
 * How many elements count in each window along one axis.
 * @param size input size along the axis
 * @param windows number of windows
 * @param options kernel, stride, dilation and the padding before and after
 * @param includePad whether padding counts
 * @returns one count a window
 * @example windowCounts(3, 2, { kernel: 2, stride: 2, dilation: 1, before: 0, after: 1 }, false); // [ 2, 1 ]
 */
export function windowCounts(
  size: number,
  windows: number,
  {
    kernel,
    stride,
    dilation,
    before,
    after,
  }: Record<'kernel' | 'stride' | 'dilation' | 'before' | 'after', number>,
  includePad: boolean,
): number[] {
  const low = includePad ? -before : 0;
  const high = includePad ? size + after : size;
  return Array.from({ length: windows }, (_, i) => {
    let count = 0;
    for (let k = 0; k < kernel; k++) {
      const position = i * stride - before + k * dilation;
      if (position >= low && position < high) count++;
    }
    return count;
  });
}
