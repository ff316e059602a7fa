/** Drops axes of size 1. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { type Axes, axesOf, normalizeAxes } from '../shape/axes.js';
import { at, mayEqual } from '../shape/dims.js';

interface SqueezeAttributes {
  readonly axes: readonly number[];
}

export const definition: OperationDefinition<'Squeeze', SqueezeAttributes> = {
  op: 'Squeeze',
  summary: 'drops axes of size 1',
  attributes: { axes: 'axes' },
  arity: [1, 1],
  infer([x], { axes }) {
    const dropped = normalizeAxes(axes, x.length);
    if (dropped.some((axis) => !mayEqual(at(x, axis), 1)))
      throw new ShapeError(`the axes [${axes}] are not all of size 1`);
    return [x.filter((_, axis) => !dropped.includes(axis))];
  },
  evaluate: ([x], attributes) => [
    { shape: definition.infer([x.shape], attributes)[0] as number[], data: x.data },
  ],
  expand: (k, [x], attributes) => [
    k.reshape(x, { shape: definition.infer([k.shapeOf(x)], attributes)[0] as number[], allowZero: true }),
  ],
  examples: [
    { shapes: [[2, 1, 3]], attributes: { axes: [1] } },
    { shapes: [[1, 1]], attributes: { axes: [0, 1] } },
  ],
};

export const methods = {
  /**
   * Without axes of size 1. No round.
   * @param axis an axis of size 1, or several; all of them by default
   * @returns the shape of x without the axes
   * @throws ShapeError where the axis has another size or is out of range
   */
  squeeze: ({ shape }: Shaped, axis?: Axes) => ({
    attributes: {
      axes: axis === undefined ? shape.flatMap((d, i) => (d === 1 ? [i] : [])) : axesOf(axis, shape.length),
    },
  }),
};
