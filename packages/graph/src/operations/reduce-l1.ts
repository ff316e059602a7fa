/** Sum of absolute values along axes. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { type ReduceAttributes, reduceAxes, reduction } from './shared/reduction.js';

export const definition: OperationDefinition<'ReduceL1', ReduceAttributes> = reduction({
  op: 'ReduceL1',
  summary: 'sum of absolute values along axes',
  mode: 'sum',
  evaluate: ([x], { axes, keepDims }) => [
    reduceAxes(
      map(x, (v) => Math.abs(v)),
      axes,
      keepDims,
      'sum',
    ),
  ],
  expand: (k, [x], attributes) => [k.reduceSum(k.abs(x), attributes)],
});

export const methods = {};
