// Shapes and views by NumPy's rules. A view is (shape, strides, offset) over a flat array; strides are in elements
// and may be 0 (broadcast) or negative (reversed). Nothing here touches data.
import { RingShapeError } from './errors.js';

export type Shape = readonly number[];

export interface View {
  readonly shape: number[];
  readonly strides: number[];
  readonly offset: number;
}

const show = (shape: Shape): string => `[${shape.join(', ')}]`;

/**
 * Number of elements; 1 for the shape [] of a scalar.
 * @param shape sizes of the axes
 * @returns the product of the sizes
 * @throws RingShapeError where a size is not a whole number from 0 on
 */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const d of shape) {
    if (!Number.isInteger(d) || d < 0) throw new RingShapeError(`not a shape: ${show(shape)}`);
    size *= d;
  }
  return size;
}

/**
 * Whether two shapes are equal.
 * @param a one shape
 * @param b the other shape
 * @returns true if they have the same rank and sizes
 */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/**
 * Row-major strides.
 * @param shape sizes of the axes
 * @returns step of each axis in elements
 */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/**
 * The whole array as a view.
 * @param shape sizes of the axes
 * @returns a view with offset 0
 */
export function viewOf(shape: Shape): View {
  return { shape: [...shape], strides: stridesOf(shape), offset: 0 };
}

/**
 * The shape that all operands broadcast to.
 * @param shapes shapes of the operands
 * @returns the common shape by NumPy's rules
 * @throws RingShapeError where two sizes differ and neither is 1
 */
export function broadcastShapes(...shapes: Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const at = rank - shape.length + i;
      const d = shape[i];
      if (d === out[at] || d === 1) continue;
      if (out[at] !== 1)
        throw new RingShapeError(`shapes ${shapes.map(show).join(' and ')} cannot be broadcast together`);
      out[at] = d;
    }
  }
  return out;
}

/**
 * A view stretched to `target`: repeated axes get stride 0.
 * @param from shape or view to start from
 * @param target shape to stretch to
 * @returns the stretched view
 * @throws RingShapeError where the shapes do not fit
 */
export function broadcastTo(from: Shape | View, target: Shape): View {
  const view = asView(from);
  const lead = target.length - view.shape.length;
  const strides = new Array<number>(target.length).fill(0);
  for (let i = 0; i < view.shape.length; i++) {
    const d = view.shape[i];
    if (lead < 0 || (d !== 1 && d !== target[lead + i]))
      throw new RingShapeError(`shape ${show(view.shape)} cannot be broadcast to ${show(target)}`);
    strides[lead + i] = d === 1 ? 0 : view.strides[i];
  }
  return { shape: [...target], strides, offset: view.offset };
}

/**
 * Axes in a new order; without `order`, reversed.
 * @param from shape or view to start from
 * @param order for each axis of the result, an axis of the input
 * @returns the permuted view
 * @throws RingShapeError where order is not a permutation
 */
export function permute(from: Shape | View, order?: readonly number[]): View {
  const view = asView(from);
  const rank = view.shape.length;
  const axes = order ? order.map((a) => normalizeAxis(a, rank)) : view.shape.map((_, i) => rank - 1 - i);
  if (axes.length !== rank || new Set(axes).size !== rank)
    throw new RingShapeError(
      `[${order?.join(', ')}] is not a permutation of the axes of shape ${show(view.shape)}`,
    );
  return {
    shape: axes.map((a) => view.shape[a]),
    strides: axes.map((a) => view.strides[a]),
    offset: view.offset,
  };
}

/** Part of an axis as Python writes start:stop:step. Missing ends mean the whole axis. */
export interface SliceRange {
  readonly start?: number;
  readonly stop?: number;
  readonly step?: number;
}

/**
 * A slice an axis, from the first on; missing ranges keep their axis. Out-of-range ends are clamped.
 * @param from shape or view to start from
 * @param ranges range of each axis
 * @returns the part as a view
 * @throws RingShapeError for too many ranges or a step of 0
 */
export function slice(from: Shape | View, ranges: readonly (SliceRange | undefined)[]): View {
  const view = asView(from);
  if (ranges.length > view.shape.length)
    throw new RingShapeError(`${ranges.length} slices for shape ${show(view.shape)}`);
  const shape = [...view.shape];
  const strides = [...view.strides];
  let offset = view.offset;
  ranges.forEach((range, axis) => {
    if (!range) return;
    const d = shape[axis];
    const step = range.step ?? 1;
    if (!Number.isInteger(step) || step === 0)
      throw new RingShapeError(
        `a slice cannot have step ${step} (axis ${axis} of shape ${show(view.shape)})`,
      );
    const [low, high] = step > 0 ? [0, d] : [-1, d - 1];
    const clamp = (x: number): number => Math.min(Math.max(x < 0 ? x + d : x, low), high);
    const start = range.start === undefined ? (step > 0 ? 0 : d - 1) : clamp(range.start);
    const stop = range.stop === undefined ? (step > 0 ? d : -1) : clamp(range.stop);
    shape[axis] = Math.max(0, Math.ceil((stop - start) / step));
    if (shape[axis] > 0) offset += start * strides[axis];
    strides[axis] *= step;
  });
  return { shape, strides, offset };
}

/**
 * Turns a possibly negative axis into one from 0 to rank - 1.
 * @param axis axis; negative ones count from the back
 * @param rank number of axes
 * @returns the axis counted from the front
 * @throws RingShapeError where it does not exist
 */
export function normalizeAxis(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || at < 0 || at >= rank)
    throw new RingShapeError(`axis ${axis} does not exist in ${rank} dimensions`);
  return at;
}

function asView(from: Shape | View): View {
  return 'strides' in from ? from : viewOf(from);
}
