/** The variance along axes: the mean of squared differences from the mean. */
import { ShapeError } from '@tacit/errors';
import { checkOptions } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { map, zip } from '../plain/plain-tensor.js';
import { type Axes, axesOf } from '../shape/axes.js';
import { countOf } from './shared/broadcast-back.js';
import { type ReduceAttributes, reduceAxes, reducedShape, requireElements } from './shared/reduction.js';

export interface VarianceAttributes extends ReduceAttributes {
  /** Divides by one less than the number of elements. */
  readonly unbiased: boolean;
}

export const definition: OperationDefinition<'Variance', VarianceAttributes> = {
  op: 'Variance',
  summary: 'variance along axes',
  attributes: { axes: 'axes', keepDims: 'bool', unbiased: 'bool' },
  arity: [1, 1],
  infer([x], { axes, keepDims, unbiased }) {
    const shape = reducedShape(x, axes, keepDims);
    requireElements(x, axes, 'variance');
    if (unbiased && axes.every((axis) => x[axis] === 1))
      throw new ShapeError('the unbiased variance of one element is undefined; { unbiased: false } gives 0');
    return [shape];
  },
  evaluate([x], { axes, keepDims, unbiased }) {
    const count = countOf(x.shape, axes);
    const difference = zip(x, reduceAxes(x, axes, true, 'mean'), (v, mean) => v - mean);
    const sum = reduceAxes(
      map(difference, (v) => v * v),
      axes,
      keepDims,
      'sum',
    );
    return [map(sum, (v) => v / (unbiased ? count - 1 : count))];
  },
  expand(k, [x], { axes, keepDims, unbiased }) {
    const count = countOf(k.shapeOf(x), axes);
    const squares = k.square(k.sub(x, k.reduceMean(x, { axes, keepDims: true })));
    const biased = k.reduceMean(squares, { axes, keepDims });
    return [unbiased ? k.mul(biased, count / (count - 1)) : biased];
  },
  examples: [
    { shapes: [[2, 3, 2]], attributes: { axes: [1], keepDims: false, unbiased: true } },
    { shapes: [[2, 3, 2]], attributes: { axes: [0, 2], keepDims: true, unbiased: false } },
    { shapes: [[3]], attributes: { axes: [0], keepDims: false, unbiased: true } },
    { shapes: [[2, 1]], attributes: { axes: [1], keepDims: false, unbiased: false } },
  ],
};

export const methods = {
  /**
   * Variance along axes (all by default), for differences from the mean below 2^14. Rounds: those of a square, and a few
   * truncations.
   * @param axes one or several; negative ones count from the back
   * @param options `unbiased` (default true) divides by one less than the number of elements; `keepDims` keeps axes of 1
   * @returns the shape without the axes
   * @throws ShapeError for no elements, or one where it is unbiased
   * @throws ArgumentError for an unknown option
   * @example x.variance(0, { unbiased: false })
   */
  variance: (
    x: Shaped,
    axes?: Axes,
    options: { readonly unbiased?: boolean; readonly keepDims?: boolean } = {},
  ) => {
    checkOptions('variance', options, ['unbiased', 'keepDims']);
    const { unbiased = true, keepDims = false } = options;
    return { attributes: { axes: axesOf(axes, x.shape.length), keepDims, unbiased } };
  },
};
