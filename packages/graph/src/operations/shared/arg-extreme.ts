/** Where the extreme element is. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../../operation/definition.js';
import type { Shaped } from '../../operation/methods.js';
import { between } from '../../plain/interval.js';
import { stridesOf, walk } from '../../plain/plain-tensor.js';
import { normalizeAxis } from '../../shape/axes.js';
import { type Shape, sizeOf } from '../../shape/dims.js';
import { type KeepDims, keepsDims } from './reduction.js';

export interface ArgAttributes {
  /** Counted from the front; null: of the flattened tensor. */
  readonly axis: number | null;
  readonly keepDims: boolean;
}

function argShape(x: Shape, { axis, keepDims }: ArgAttributes): Shape {
  if (axis !== null) normalizeAxis(axis, x.length);
  if (axis === null ? x.includes(0) : x[axis] === 0)
    throw new ShapeError('arg-max and arg-min need at least one element');
  return x.flatMap((d, i) => (axis !== null && i !== axis ? [d] : keepDims ? [1] : []));
}

export function argExtreme<Name extends string>(
  op: Name,
  word: string,
  beats: (a: number, b: number) => boolean,
): OperationDefinition<Name, ArgAttributes> {
  return {
    op,
    summary: `index of the ${word} element along an axis, the first of equal ones`,
    attributes: { axis: 'axisOrAll', keepDims: 'bool' },
    arity: [1, 1],
    infer: ([x], attributes) => [argShape(x, attributes)],
    evaluate([x], attributes) {
      const shape = argShape(x.shape, attributes) as number[];
      const { axis } = attributes;
      const kept = x.shape.map((d, i) => (axis === null || i === axis ? 1 : d));
      const strides = stridesOf(kept).map((stride, i) => (axis === null || i === axis ? 0 : stride));
      const best = new Float64Array(sizeOf(kept)).fill(Number.NaN);
      const data = new Float64Array(sizeOf(kept));
      const step = axis === null ? 1 : stridesOf(x.shape)[axis];
      const length = axis === null ? x.data.length : x.shape[axis];
      walk(x.shape, strides, 0, (position, offset) => {
        const value = x.data[position];
        if (!Number.isNaN(best[offset]) && !beats(value, best[offset])) return;
        best[offset] = value;
        data[offset] = Math.floor(position / step) % length;
      });
      return [{ shape, data }];
    },
    gradient: () => [undefined],
    bounds: ([x], attributes) => {
      const size = attributes.axis === null ? sizeOf(x.shape) : x.shape[attributes.axis];
      return [between(argShape(x.shape, attributes) as number[], 0, Math.max(0, size - 1))];
    },
    examples: [
      { shapes: [[2, 3]], attributes: { axis: 1, keepDims: false } },
      { shapes: [[4, 2]], attributes: { axis: 0, keepDims: true } },
      { shapes: [[5]], attributes: { axis: null, keepDims: false }, values: [0, 1], kinks: true },
    ],
  };
}

export const argArguments = ({ shape }: Shaped, axis?: number, keepDims?: KeepDims) => ({
  attributes: {
    axis: axis === undefined ? null : normalizeAxis(axis, shape.length),
    keepDims: keepsDims(keepDims),
  },
});
