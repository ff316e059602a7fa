/** Logarithm of the sum of exp(x) along axes. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import {
  type ReduceAttributes,
  reduceAxes,
  reducedShape,
  reduction,
  requireElements,
} from './shared/reduction.js';

export const definition: OperationDefinition<'ReduceLogSumExp', ReduceAttributes> = reduction({
  op: 'ReduceLogSumExp',
  summary: 'logarithm of the sum of exp(x) along axes',
  mode: 'sum',
  infer([x], { axes, keepDims }) {
    requireElements(x, axes, 'logarithm of a sum');
    return [reducedShape(x, axes, keepDims)];
  },
  evaluate: ([x], { axes, keepDims }) => [map(reduceAxes(map(x, Math.exp), axes, keepDims, 'sum'), Math.log)],
  expand(k, [x], attributes) {
    // From the differences to the largest element: no power overflows.
    const top = k.reduceMax(x, { axes: attributes.axes, keepDims: true });
    const sum = k.reduceSum(k.exp(k.sub(x, top)), attributes);
    return [k.add(k.log(sum), k.reshape(top, { shape: [...k.shapeOf(sum)], allowZero: true }))];
  },
});

export const methods = {};
