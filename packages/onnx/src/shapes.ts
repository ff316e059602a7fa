/**
 * Arithmetic of shapes whose dimensions may be symbols. With numbers throughout, results are numbers; a symbol that
 * meets arithmetic becomes `'?'`. Errors are `ModelShapeError`, named by the caller.
 */
import { ModelShapeError } from './errors.js';
import type { Dim, SamePads, Shape } from './graph.js';

export const UNKNOWN: Dim = '?';

/** A dimension computed from one dimension. */
export function mapDim(dim: Dim, compute: (size: number) => number): Dim {
  return typeof dim === 'number' ? compute(dim) : UNKNOWN;
}

/** Product of dimensions; one symbol times ones stays that symbol. */
export function product(dims: Shape): Dim {
  let known = 1;
  let symbol: Dim | undefined;
  for (const dim of dims) {
    if (typeof dim === 'number') known *= dim;
    else symbol = symbol === undefined ? dim : UNKNOWN;
  }
  if (symbol === undefined) return known;
  return known === 1 ? symbol : UNKNOWN;
}

export function isNumeric(shape: Shape | undefined): shape is readonly number[] {
  return shape?.every((dim) => typeof dim === 'number') ?? false;
}

/** Number of elements of a numeric shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** True unless both sizes are known and differ. */
export function mayEqual(a: Dim, b: Dim): boolean {
  return typeof a !== 'number' || typeof b !== 'number' || a === b;
}

function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === 'number' && typeof b === 'number') return undefined;
  // One is a symbol: it must turn out to be 1 or the other's size, which is the result unless both are symbols.
  if (typeof a === 'number') return a;
  return typeof b === 'number' ? b : UNKNOWN;
}

/** NumPy's broadcasting. */
export function broadcast(a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const dim = broadcastDim(a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1);
    if (dim === undefined)
      throw new ModelShapeError(`shapes ${show(a)} and ${show(b)} cannot be broadcast together`);
    return dim;
  });
}

/** Axis with negative values counted from the end. */
export function normalizeAxis(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(index) || index < 0 || index >= rank)
    throw new ModelShapeError(`axis ${axis} is out of range for ${rank} dimensions`);
  return index;
}

export function normalizeAxes(axes: readonly number[], rank: number): number[] {
  const result = axes.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
  if (new Set(result).size !== result.length)
    throw new ModelShapeError(`axes [${axes.join(', ')}] name one twice`);
  return result;
}

/** Explicit pads for auto_pad SAME_*: output size is ceil(input / stride); the odd one goes last (UPPER) or first. */
export function samePads(
  mode: SamePads,
  spatial: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
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

export interface WindowGeometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[] | SamePads;
  readonly ceilMode?: boolean;
}

/** Spatial output sizes of a sliding window. */
export function windowSizes(spatial: Shape, window: WindowGeometry): Dim[] {
  return spatial.map((dim, axis) =>
    mapDim(dim, (size) => {
      const stride = at(window.strides, axis);
      if (typeof window.pads === 'string') return Math.ceil(size / stride);
      const before = at(window.pads, axis);
      const padded = size + before + at(window.pads, axis + spatial.length);
      const reach = (at(window.kernel, axis) - 1) * at(window.dilations, axis) + 1;
      if (padded < reach)
        throw new ModelShapeError(`a window of ${reach} does not fit into a padded size of ${padded}`);
      const steps = (padded - reach) / stride;
      if (!window.ceilMode) return Math.floor(steps) + 1;
      const count = Math.ceil(steps) + 1;
      // A window that starts in the padding behind the data is left out.
      return (count - 1) * stride >= size + before ? count - 1 : count;
    }),
  );
}

/** Element of an array that is known to be there. */
export function at<T>(values: ArrayLike<T>, index: number): T {
  const value = values[index];
  if (value === undefined) throw new ModelShapeError(`no element ${index} in a list of ${values.length}`);
  return value;
}

export function show(shape: Shape | undefined): string {
  return shape === undefined ? '(unknown shape)' : `[${shape.join(', ')}]`;
}
