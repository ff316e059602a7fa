/** The standard deviation along axes: the square root of the variance. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { map } from '../plain/plain-tensor.js';
import type { Axes } from '../shape/axes.js';
import * as variance from './variance.js';

export const definition: OperationDefinition<'StandardDeviation', variance.VarianceAttributes> = {
  ...variance.definition,
  op: 'StandardDeviation',
  summary: 'standard deviation along axes',
  accuracy: { maxError: 2 ** -7 },
  evaluate: (inputs, attributes) =>
    variance.definition.evaluate(inputs, attributes).map((x) => map(x, Math.sqrt)),
  expand: (k, [x], attributes) => [k.sqrt(k.variance(x, attributes))],
  examples: variance.definition.examples.filter(
    ({ attributes }) => attributes.axes[0] !== 1 || attributes.unbiased,
  ),
};

export const methods = {
  /**
   * Standard deviation along axes (all by default). Rounds: those of the variance and of `sqrt`.
   * @param axes one or several; negative ones count from the back
   * @param options `unbiased` (default true) divides by one less than the number of elements; `keepDims` keeps axes of 1
   * @returns the shape without the axes
   * @throws ShapeError for no elements, or one where it is unbiased
   * @throws ArgumentError for an unknown option
   * @example x.std(0)
   */
  std: (x: Shaped, axes?: Axes, options?: { readonly unbiased?: boolean; readonly keepDims?: boolean }) =>
    variance.methods.variance(x, axes, options),
};
