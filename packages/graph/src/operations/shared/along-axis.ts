/** Functions of all elements along one axis that keep the shape. */
import type { AttributeKind } from '../../operation/attributes.js';
import type { Example } from '../../operation/definition.js';
import { type PlainTensor, stridesOf } from '../../plain/plain-tensor.js';
import { normalizeAxis } from '../../shape/axes.js';
import { type Shape, sizeOf } from '../../shape/dims.js';

export interface AxisAttributes {
  /** Counted from the front. */
  readonly axis: number;
}

export const axisAttribute: { readonly axis: AttributeKind } = { axis: 'axis' };

/** The shape, where it has that axis. */
export function shapeWithAxis(shape: Shape, { axis }: AxisAttributes): Shape {
  normalizeAxis(axis, shape.length);
  return shape;
}

/** f of the elements along the axis, for each place of the others. */
export function mapAxis(
  { shape, data }: PlainTensor,
  { axis }: AxisAttributes,
  f: (values: Float64Array) => ArrayLike<number>,
): PlainTensor {
  const out = new Float64Array(data.length);
  const step = stridesOf(shape)[axis];
  const length = shape[axis];
  for (let row = 0; row < sizeOf(shape) / Math.max(length, 1); row++) {
    const start = Math.floor(row / step) * step * length + (row % step);
    const values = f(Float64Array.from({ length }, (_, i) => data[start + i * step]));
    for (let i = 0; i < length; i++) out[start + i * step] = values[i];
  }
  return { shape, data: out };
}

export const axisExamples: readonly Example<AxisAttributes>[] = [
  { shapes: [[2, 3]], attributes: { axis: 1 } },
  { shapes: [[3, 2, 2]], attributes: { axis: 0 } },
  { shapes: [[4]], attributes: { axis: 0 } },
  { shapes: [[2, 1]], attributes: { axis: 1 } },
  { shapes: [[0, 3]], attributes: { axis: 1 } },
];

/** The argument of a method as an attribute; the last axis by default. */
export const axisArgument = ({ shape }: { readonly shape: Shape }, axis = -1) => ({
  attributes: { axis: normalizeAxis(axis, shape.length) },
});
