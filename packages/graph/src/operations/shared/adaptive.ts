/** Windows of adaptive pools: as many as are wanted, covering each axis, some by an element larger than others. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { type Dim, mapDim, type Shape, show } from '../../shape/dims.js';

export interface AdaptiveAttributes {
  /** Sizes of the spatial axes of the result. */
  readonly size: readonly number[];
}

/** Shape of an adaptive pool over [N, C, ...spatial]. */
export function adaptiveShape(x: Shape, { size }: AdaptiveAttributes): Dim[] {
  if (x.length !== size.length + 2 || size.length === 0)
    throw new ShapeError(`${size.length} sizes for the spatial axes of ${show(x)}`);
  return x.map((dim, axis) => {
    if (axis < 2) return dim;
    return mapDim(dim, (d) => {
      if (d === 0) throw new ShapeError(`axis ${axis} has no element`);
      return size[axis - 2];
    });
  });
}

/** First position and length of each window. */
export const adaptiveWindows = (size: number, windows: number): readonly [start: number, length: number][] =>
  Array.from({ length: windows }, (_, i) => {
    const start = Math.floor((i * size) / windows);
    return [start, Math.ceil(((i + 1) * size) / windows) - start];
  });

/** The windows of an ordinary pool, where all are equal and do not overlap. */
export function evenWindows(shape: readonly number[], { size }: AdaptiveAttributes) {
  const kernel = size.map((windows, i) => shape[i + 2] / windows);
  if (size.length > 2 || !kernel.every(Number.isInteger)) return undefined;
  const ones = kernel.map(() => 1);
  return { kernel, strides: kernel, dilations: ones, pads: [...ones, ...ones].map(() => 0), ceilMode: false };
}

/** The argument of a method. */
export function adaptiveArguments(what: string, size: number | readonly [number, number]) {
  const list = typeof size === 'number' ? [size, size] : size;
  if (!Array.isArray(list) || list.length !== 2)
    throw new ArgumentError(`${what}: the size is a number or a pair of numbers`);
  return { attributes: { size: [...list] } };
}

export const ADAPTIVE_EXAMPLES = [
  { shapes: [[1, 2, 4, 6]], attributes: { size: [2, 3] } },
  { shapes: [[2, 1, 5, 4]], attributes: { size: [3, 3] } },
  { shapes: [[1, 1, 2, 3]], attributes: { size: [3, 5] } },
  { shapes: [[1, 2, 7]], attributes: { size: [2] } },
  { shapes: [[0, 1, 3, 3]], attributes: { size: [1, 2] } },
];
