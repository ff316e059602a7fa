/** Sum of squares along axes. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { type ReduceAttributes, reduceAxes, reduction } from './shared/reduction.js';

export const definition: OperationDefinition<'ReduceSumSquare', ReduceAttributes> = reduction({
  op: 'ReduceSumSquare',
  summary: 'sum of squares along axes',
  mode: 'sum',
  evaluate: ([x], { axes, keepDims }) => [
    reduceAxes(
      map(x, (v) => v * v),
      axes,
      keepDims,
      'sum',
    ),
  ],
  expand: (k, [x], attributes) => [k.reduceSum(k.square(x), attributes)],
});

export const methods = {};
