/** Reductions along axes. */
import { ShapeError } from '@tacit/errors';
import { checkOptions } from '../../operation/attributes.js';
import type { OperationDefinition } from '../../operation/definition.js';
import type { Shaped } from '../../operation/methods.js';
import { type PlainTensor, stridesOf, walk } from '../../plain/plain-tensor.js';
import { type Axes, axesOf, normalizeAxes } from '../../shape/axes.js';
import { type Shape, sizeOf } from '../../shape/dims.js';

export interface ReduceAttributes {
  /** Counted from the front. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const reduced = new Set(normalizeAxes(axes, shape.length));
  return shape.flatMap((dim, axis) => (reduced.has(axis) ? (keepDims ? [1] : []) : [dim]));
}

/** Refuses what is undefined where no elements meet. Open sizes are left to a later time. */
export function requireElements(shape: Shape, axes: readonly number[], what: string): void {
  if (axes.some((axis) => shape[axis] === 0)) throw new ShapeError(`the ${what} of no elements is undefined`);
}

const STEPS = {
  sum: { start: 0, step: (so: number, x: number) => so + x },
  mean: { start: 0, step: (so: number, x: number) => so + x },
  prod: { start: 1, step: (so: number, x: number) => so * x },
  max: { start: -Infinity, step: Math.max },
  min: { start: Infinity, step: Math.min },
};
export type ReduceMode = keyof typeof STEPS;

export function reduceAxes(
  x: PlainTensor,
  axes: readonly number[],
  keepDims: boolean,
  mode: ReduceMode,
): PlainTensor {
  const kept = reducedShape(x.shape, axes, true) as number[];
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const { start, step } = STEPS[mode];
  const data = new Float64Array(sizeOf(kept)).fill(start);
  walk(x.shape, strides, 0, (position, offset) => {
    data[offset] = step(data[offset], x.data[position]);
  });
  const count = axes.reduce((size, axis) => size * x.shape[axis], 1);
  if (mode === 'mean') for (let i = 0; i < data.length; i++) data[i] /= count;
  return { shape: keepDims ? kept : (reducedShape(x.shape, axes, false) as number[]), data };
}

export function reduction<Name extends string>(
  about: Partial<OperationDefinition<Name, ReduceAttributes>> & {
    readonly op: Name;
    readonly summary: string;
    readonly mode: ReduceMode;
  },
): OperationDefinition<Name, ReduceAttributes> {
  const { mode, ...common } = about;
  return {
    attributes: { axes: 'axes', keepDims: 'bool' },
    arity: [1, 1],
    infer: ([x], { axes, keepDims }) => [reducedShape(x, axes, keepDims)],
    evaluate: ([x], { axes, keepDims }) => [reduceAxes(x, axes, keepDims, mode)],
    examples: [
      { shapes: [[2, 3, 2]], attributes: { axes: [1], keepDims: false } },
      { shapes: [[2, 3, 2]], attributes: { axes: [0, 2], keepDims: true } },
      { shapes: [[3]], attributes: { axes: [0], keepDims: false } },
      { shapes: [[2, 1]], attributes: { axes: [1], keepDims: false } },
    ],
    ...common,
  };
}

/** Arguments of a reducing method as attributes. */
export const reduceArguments = (x: Shaped, axes?: Axes, keepDims?: KeepDims) => ({
  attributes: { axes: axesOf(axes, x.shape.length), keepDims: keepsDims(keepDims) },
});

/** Whether reduced axes stay: positional, or as the option that other reductions take. */
export type KeepDims = boolean | { readonly keepDims?: boolean };

export function keepsDims(keepDims: KeepDims = false): boolean {
  if (typeof keepDims !== 'object' || keepDims === null) return keepDims;
  checkOptions('a reduction', keepDims, ['keepDims']);
  return keepDims.keepDims ?? false;
}
