/** Square root of the sum of squares along axes. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { countOf, keptAxes } from './shared/broadcast-back.js';
import { type ReduceAttributes, reduceAxes, reduction } from './shared/reduction.js';

/** Below every mean square that is not 0. */
const LEAST = 2 ** -40;

export const definition: OperationDefinition<'ReduceL2', ReduceAttributes> = reduction({
  op: 'ReduceL2',
  summary: 'square root of the sum of squares along axes',
  mode: 'sum',
  accuracy: { maxError: 2 ** -10, relative: 2 ** -9 },
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
  // x over the root of the mean square first: the inverse of a large norm has few bits, and that quotient is of size 1.
  gradient: (k, { inputs: [x], dy: [dy], attributes: { axes } }) => {
    const kept = { axes, keepDims: true };
    const scaled = k.mul(x, k.invSqrt(k.add(k.reduceMean(k.square(x), kept), LEAST)));
    const share = 1 / Math.sqrt(countOf(k.shapeOf(x), axes));
    return [k.mul(k.mul(scaled, share), keptAxes(k, dy, k.shapeOf(x), kept))];
  },
});

export const methods = {};
