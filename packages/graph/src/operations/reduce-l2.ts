/** Square root of the sum of squares along axes. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { type ReduceAttributes, reduceAxes, reduction } from './shared/reduction.js';

export const definition: OperationDefinition<'ReduceL2', ReduceAttributes> = reduction({
  op: 'ReduceL2',
  summary: 'square root of the sum of squares along axes',
  mode: 'sum',
  evaluate: ([x], { axes, keepDims }) => [
    map(
      reduceAxes(
        map(x, (v) => v * v),
        axes,
        keepDims,
        'sum',
      ),
      Math.sqrt,
    ),
  ],
  expand: (k, [x], attributes) => [k.sqrt(k.reduceSumSquare(x, attributes))],
});

export const methods = {};
