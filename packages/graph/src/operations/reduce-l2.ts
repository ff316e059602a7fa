/** Square root of the sum of squares along axes. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { keptAxes } from './shared/broadcast-back.js';
import { type ReduceAttributes, reduceAxes, reduction } from './shared/reduction.js';

/** Below every sum of squares that is not 0. */
const LEAST = 2 ** -40;

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
  // x / norm first: the inverse of a large norm has few bits, and the quotient is at most 1. At 0 it is 0.
  gradient: (k, { inputs: [x], dy: [dy], attributes: { axes } }) => {
    const kept = { axes, keepDims: true };
    const squares = k.add(k.reduceSumSquare(x, kept), LEAST);
    return [k.mul(k.mul(x, k.invSqrt(squares)), keptAxes(k, dy, k.shapeOf(x), kept))];
  },
});

export const methods = {};
