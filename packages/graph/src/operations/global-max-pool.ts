/** Maximum over all spatial axes, which stay as axes of size 1. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { reduceAxes, requireElements } from './shared/reduction.js';

const spatial = (shape: readonly unknown[]) => shape.slice(2).map((_, axis) => axis + 2);

export const definition: OperationDefinition<'GlobalMaxPool'> = {
  op: 'GlobalMaxPool',
  summary: 'maximum over all spatial axes',
  attributes: {},
  arity: [1, 1],
  infer([x]) {
    if (x.length < 3) throw new ShapeError('the input needs a batch, a channel and a spatial axis');
    requireElements(x, spatial(x), 'maximum');
    return [x.map((dim, axis) => (axis < 2 ? dim : 1))];
  },
  evaluate: ([x]) => [reduceAxes(x, spatial(x.shape), true, 'max')],
  expand: (k, [x]) => [k.reduceMax(x, { axes: spatial(k.shapeOf(x)), keepDims: true })],
  onnx: { name: 'GlobalMaxPool' },
  examples: [
    { shapes: [[2, 3, 3, 2]], attributes: {} },
    { shapes: [[1, 2, 5]], attributes: {} },
  ],
};
