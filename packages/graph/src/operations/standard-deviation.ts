/** The standard deviation along axes: the square root of the variance. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { map } from '../plain/plain-tensor.js';
import type { Axes } from '../shape/axes.js';
import { countOf, keptAxes } from './shared/broadcast-back.js';
import * as variance from './variance.js';

/** Below every variance that is not 0. */
const LEAST = 2 ** -40;

export const definition: OperationDefinition<'StandardDeviation', variance.VarianceAttributes> = {
  ...variance.definition,
  op: 'StandardDeviation',
  summary: 'standard deviation along axes',
  accuracy: { maxError: 2 ** -7 },
  evaluate: (inputs, attributes) =>
    variance.definition.evaluate(inputs, attributes).map((x) => map(x, Math.sqrt)),
  expand(k, [x], { unbiased, ...along }) {
    // The factor last: the variance of a product keeps its bits where nothing else is done with it.
    const biased = k.sqrt(k.variance(x, { ...along, unbiased: false }));
    const count = countOf(k.shapeOf(x), along.axes);
    return [unbiased ? k.mul(biased, Math.sqrt(count / (count - 1))) : biased];
  },
  // x less the mean, over the deviation, is of size 1 whatever x is. Where all elements are equal it is 0.
  gradient(k, { inputs: [x], dy: [dy], attributes: { axes, unbiased } }) {
    const count = countOf(k.shapeOf(x), axes);
    const standardized = k.standardize(x, { axes, epsilon: LEAST });
    const share = 1 / Math.sqrt(unbiased ? count * (count - 1) : count * count);
    return [k.mul(k.mul(standardized, share), keptAxes(k, dy, k.shapeOf(x), { axes, keepDims: true }))];
  },
  examples: variance.definition.examples.filter(
    ({ attributes }) => attributes.axes[0] !== 1 || attributes.unbiased,
  ),
};

export const methods = {
  /**
   * Standard deviation along axes (all by default), for differences from the mean below 2^14. Rounds: those of the variance
   * and of `sqrt`.
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
