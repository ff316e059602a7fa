/** Mean over all spatial axes, which stay as axes of size 1. */
import { ShapeError } from '@tacit/errors';
import type { None, OperationDefinition } from '../operation/definition.js';
import { reduceAxes, requireElements } from './shared/reduction.js';

const spatial = (shape: readonly unknown[]) => shape.slice(2).map((_, axis) => axis + 2);

export const definition: OperationDefinition<'GlobalAveragePool', None> = {
  op: 'GlobalAveragePool',
  summary: 'mean over all spatial axes',
  attributes: {},
  arity: [1, 1],
  infer([x]) {
    if (x.length < 2) throw new ShapeError('the input needs a batch and a channel axis');
    requireElements(x, spatial(x), 'mean');
    return [x.map((dim, axis) => (axis < 2 ? dim : 1))];
  },
  evaluate: ([x]) => [reduceAxes(x, spatial(x.shape), true, 'mean')],
  expand: (k, [x]) => [k.reduceMean(x, { axes: spatial(k.shapeOf(x)), keepDims: true })],
  onnx: { name: 'GlobalAveragePool' },
  examples: [
    { shapes: [[2, 3, 3, 2]], attributes: {} },
    { shapes: [[1, 2, 5]], attributes: {} },
  ],
};

export const methods = {
  /**
   * Mean of each channel of [N, C, ...spatial]; the spatial axes stay with size 1. Rounds as mean.
   * @returns [N, C, 1, …]
   * @throws ShapeError for fewer than two axes, or no element
   */
  globalAvgPool: () => ({ attributes: {} }),
};
