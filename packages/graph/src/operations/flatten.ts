/** To [product of axes before `axis`, product of the others]. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { product } from '../shape/dims.js';

interface FlattenAttributes {
  readonly axis: number;
}

export const definition: OperationDefinition<'Flatten', FlattenAttributes> = {
  op: 'Flatten',
  summary: 'to a matrix: axes before and from `axis`',
  attributes: { axis: 'axis' },
  arity: [1, 1],
  infer([x], { axis }) {
    if (axis > x.length) throw new ShapeError(`axis ${axis} is out of range`);
    return [[product(x.slice(0, axis)), product(x.slice(axis))]];
  },
  evaluate: ([x], attributes) => [
    { shape: definition.infer([x.shape], attributes)[0] as number[], data: x.data },
  ],
  expand: (k, [x], attributes) => [
    k.reshape(x, { shape: definition.infer([k.shapeOf(x)], attributes)[0] as number[], allowZero: true }),
  ],
  examples: [
    { shapes: [[2, 3, 2]], attributes: { axis: 1 } },
    { shapes: [[2, 3]], attributes: { axis: 0 } },
    { shapes: [[2, 3]], attributes: { axis: 2 } },
  ],
};
