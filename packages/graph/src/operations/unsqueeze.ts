/** Inserts axes of size 1. Axes count in the result. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { normalizeAxes, normalizeAxis } from '../shape/axes.js';

interface UnsqueezeAttributes {
  readonly axes: readonly number[];
}

export const definition: OperationDefinition<'Unsqueeze', UnsqueezeAttributes> = {
  op: 'Unsqueeze',
  summary: 'inserts axes of size 1',
  attributes: { axes: 'axes' },
  arity: [1, 1],
  infer([x], { axes }) {
    const shape = [...x];
    for (const axis of normalizeAxes(axes, shape.length + axes.length)) shape.splice(axis, 0, 1);
    return [shape];
  },
  evaluate: ([x], attributes) => [
    { shape: definition.infer([x.shape], attributes)[0] as number[], data: x.data },
  ],
  expand: (k, [x], attributes) => [
    k.reshape(x, { shape: definition.infer([k.shapeOf(x)], attributes)[0] as number[], allowZero: true }),
  ],
  examples: [
    { shapes: [[2, 3]], attributes: { axes: [0, 2] } },
    { shapes: [[]], attributes: { axes: [0] } },
  ],
};

export const methods = {
  /**
   * With a new axis of size 1. No round.
   * @param axis place of the new axis in the result; negative ones count from the back
   * @returns the shape of x with one more axis
   * @throws ShapeError where the axis is out of range
   */
  unsqueeze: ({ shape }: Shaped, axis: number) => ({
    attributes: { axes: [normalizeAxis(axis, shape.length + 1)] },
  }),
};
