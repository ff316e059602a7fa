/** Logarithm of the sum along axes. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import {
  type ReduceAttributes,
  reduceAxes,
  reducedShape,
  reduction,
  requireElements,
} from './shared/reduction.js';

export const definition: OperationDefinition<'ReduceLogSum', ReduceAttributes> = reduction({
  op: 'ReduceLogSum',
  summary: 'logarithm of the sum along axes',
  mode: 'sum',
  infer([x], { axes, keepDims }) {
    requireElements(x, axes, 'logarithm of a sum');
    return [reducedShape(x, axes, keepDims)];
  },
  evaluate: ([x], { axes, keepDims }) => [map(reduceAxes(x, axes, keepDims, 'sum'), Math.log)],
  expand: (k, [x], attributes) => [k.log(k.reduceSum(x, attributes))],
  examples: [
    { shapes: [[2, 3, 2]], attributes: { axes: [1], keepDims: false }, range: [0.5, 4] },
    { shapes: [[2, 3, 2]], attributes: { axes: [0, 2], keepDims: true }, range: [0.5, 4] },
    { shapes: [[3]], attributes: { axes: [0], keepDims: false }, range: [0.5, 4] },
  ],
});

export const methods = {};
