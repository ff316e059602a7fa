/** Part of a value along some axes. Bounds follow ONNX: negative ones count from the end, all are clamped. Local. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import type { Operations } from '../operation/operations.js';
import { gatherTensor, type PlainTensor, stridesOf } from '../plain/plain-tensor.js';
import { type Axes, axesOf, normalizeAxes, normalizeAxis } from '../shape/axes.js';
import { at, mapDim, UNKNOWN } from '../shape/dims.js';
import { movedBounds } from './shared/views.js';

export interface SliceAttributes<L = readonly number[]> {
  readonly axes: readonly number[];
  /** Once resolved 0 <= start <= size. */
  readonly starts: L;
  /** Once resolved 0 <= end <= size; -size - 1 for one before the first, with a negative step. */
  readonly ends: L;
  readonly steps: readonly number[];
}

/** Bounds within a size. */
function resolveRange(size: number, start: number, end: number, step: number) {
  if (Number.isNaN(start) || Number.isNaN(end) || !Number.isInteger(step) || step === 0)
    throw new ShapeError(`a slice from ${start} to ${end} by ${step}`);
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const first = step > 0 ? clamp(from, 0, size) : clamp(from, 0, size - 1);
  const last = step > 0 ? clamp(to, 0, size) : clamp(to, -1, size - 1);
  const count = Math.max(0, Math.ceil((last - first) / step));
  return { start: first, end: last < 0 ? -size - 1 : last, count };
}

export const definition: OperationDefinition<'Slice', SliceAttributes, SliceAttributes<OpenInts>> = {
  op: 'Slice',
  summary: 'part of a value along some axes',
  attributes: { axes: 'axes', starts: 'public', ends: 'public', steps: 'ints' },
  arity: [1, 1],
  moves: true,
  infer([x], { axes, starts, ends, steps }) {
    const shape = [...x];
    normalizeAxes(axes, shape.length);
    if (starts.length !== axes.length || ends.length !== axes.length || steps.length !== axes.length)
      throw new ShapeError('starts, ends, axes and steps differ in length');
    axes.forEach((axis, i) => {
      shape[axis] =
        Array.isArray(starts) && Array.isArray(ends)
          ? mapDim(at(shape, axis), (size) => resolveRange(size, starts[i], ends[i], steps[i]).count)
          : UNKNOWN;
    });
    return [shape];
  },
  resolve({ axes, starts, ends, steps }, [shape]) {
    if (!Array.isArray(starts) || !Array.isArray(ends)) throw new ShapeError('the bounds are not known');
    const ranges = axes.map((axis, i) => resolveRange(at(shape, axis), starts[i], ends[i], steps[i]));
    return { axes, starts: ranges.map(({ start }) => start), ends: ranges.map(({ end }) => end), steps };
  },
  evaluate: ([x], attributes) => [sliced(x, attributes)],
  gradient: (k, { inputs: [x], dy: [dy], attributes }) => [spreadOut(k, dy, k.shapeOf(x), attributes)],
  bounds: ([x], attributes) => [movedBounds(x, (v) => sliced(v, attributes))],
  examples: [
    { shapes: [[4, 3]], attributes: { axes: [0], starts: [1], ends: [3], steps: [1] } },
    { shapes: [[5, 2]], attributes: { axes: [0, 1], starts: [-1, 0], ends: [-100, 1], steps: [-2, 1] } },
    { shapes: [[7]], attributes: { axes: [0], starts: [1], ends: [7], steps: [3] } },
    { shapes: [[3]], attributes: { axes: [0], starts: [2], ends: [1], steps: [1] } },
    { shapes: [[2]], attributes: { axes: [], starts: [], ends: [], steps: [] } },
  ],
};

function sliced(x: PlainTensor, attributes: SliceAttributes): PlainTensor {
  const [shape] = definition.infer([x.shape], attributes) as number[][];
  const strides = stridesOf(x.shape);
  let start = 0;
  attributes.axes.forEach((axis, i) => {
    start += attributes.starts[i] * strides[axis];
    strides[axis] *= attributes.steps[i];
  });
  return gatherTensor(x, shape, strides, start);
}

/** A cotangent back in its places, zeros elsewhere: turned around where steps go down, one axis after the other. */
function spreadOut<T>(k: Operations<T>, dy: T, shape: readonly number[], attributes: SliceAttributes): T {
  return attributes.axes.reduce((y, axis, i) => {
    const [start, step] = [attributes.starts[i], attributes.steps[i]];
    const now = [...k.shapeOf(y)];
    const count = now[axis];
    const along = (value: number) => now.map((_, j) => (j === axis ? value : 0));
    if (count === 0) return k.pad(y, { pads: [...along(0), ...along(shape[axis])], value: 0 });
    const forward =
      step > 0 ? y : k.slice(y, { axes: [axis], starts: [count - 1], ends: [-count - 1], steps: [-1] });
    const gap = Math.abs(step);
    const first = step > 0 ? start : start + (count - 1) * step;
    const lone = [...now.slice(0, axis + 1), 1, ...now.slice(axis + 1)];
    const behind = lone.map((_, j) => (j === axis + 1 ? gap - 1 : 0));
    const apart = k.pad(k.reshape(forward, { shape: lone, allowZero: true }), {
      pads: [...lone.map(() => 0), ...behind],
      value: 0,
    });
    now[axis] = count * gap;
    const joined = k.reshape(apart, { shape: now, allowZero: true });
    const after = shape[axis] - first - count * gap;
    return k.pad(joined, { pads: [...along(first), ...along(after)], value: 0 });
  }, dy);
}

export const methods = {
  /**
   * Part of a tensor by Python's rules for negative and too large bounds, one entry an axis from the first on. No
   * round.
   * @param starts first index of each axis
   * @param ends index before which each axis ends
   * @param steps step of each axis, not 0; default 1
   * @returns the part
   * @throws ShapeError for more entries than axes or a step of 0
   * @example x.slice([0, 1], [2, 3])
   */
  slice: (
    { shape }: Shaped,
    starts: readonly number[],
    ends: readonly number[],
    steps: readonly number[] = starts.map(() => 1),
  ) => {
    if (starts.length > shape.length)
      throw new ShapeError(`slice: ${starts.length} bounds for ${shape.length} axes`);
    // ONNX moves a start before the first element to it; going down from there, Python finds nothing.
    const nothing = starts.map((start, i) => steps[i] < 0 && start < -shape[i]);
    return {
      attributes: {
        axes: starts.map((_, i) => i),
        starts: starts.map((start, i) => (nothing[i] ? 0 : start)),
        ends: ends.map((end, i) => (nothing[i] ? 0 : end)),
        steps: [...steps],
      },
    };
  },
  /**
   * Turned around along axes. No round.
   * @param axes one axis or several; all by default
   * @returns the shape of x
   * @throws ShapeError where an axis is out of range or named twice
   * @throws ArgumentError for what is not a number or a list of numbers
   * @example x.flip(-1)
   */
  flip: ({ shape }: Shaped, axes?: Axes) => {
    const list = axesOf(axes, shape.length);
    return {
      attributes: {
        axes: list,
        starts: list.map(() => Infinity),
        ends: list.map(() => -Infinity),
        steps: list.map(() => -1),
      },
    };
  },
  /**
   * So many parts of an axis from one on. No round.
   * @param axis axis; negative ones count from the back
   * @param start first part; a negative one counts from the back
   * @param length number of parts
   * @returns the shape of x, the axis so long
   * @throws ShapeError where the axis or the parts are out of range
   * @example x.narrow(1, 2, 3)
   */
  narrow: ({ shape }: Shaped, axis: number, start: number, length: number) => {
    const own = normalizeAxis(axis, shape.length);
    const first = start < 0 ? start + shape[own] : start;
    if (![first, length].every((n) => Number.isInteger(n) && n >= 0) || first + length > shape[own])
      throw new ShapeError(`narrow: ${length} from ${start} on of the size ${shape[own]} of axis ${axis}`);
    return { attributes: { axes: [own], starts: [first], ends: [first + length], steps: [1] } };
  },
};
