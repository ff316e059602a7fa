/** Product along axes: halves are multiplied with each other until one is left. */
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import type { Operations } from '../operation/operations.js';
import type { Axes } from '../shape/axes.js';
import { keptAxes } from './shared/broadcast-back.js';
import {
  type KeepDims,
  type ReduceAttributes,
  reduceArguments,
  reducedShape,
  reduction,
} from './shared/reduction.js';

export const definition: OperationDefinition<'ReduceProd', ReduceAttributes> = reduction({
  op: 'ReduceProd',
  summary: 'product along axes',
  mode: 'prod',
  expand(k, [x], { axes, keepDims }) {
    const along = { axes, keepDims: true };
    // The product of nothing is 1.
    if (axes.some((axis) => k.shapeOf(x)[axis] === 0)) return [k.add(k.reduceSum(x, { axes, keepDims }), 1)];
    const product = axes.reduce((y, axis) => productAlong(k, y, axis), x);
    const shape = reducedShape(k.shapeOf(x), axes, keepDims) as number[];
    return [
      keepDims ? keptAxes(k, product, k.shapeOf(x), along) : k.reshape(product, { shape, allowZero: true }),
    ];
  },
});

function productAlong<T>(k: Operations<T>, x: T, axis: number): T {
  let left = x;
  for (let length = k.shapeOf(left)[axis]; length > 1; length = k.shapeOf(left)[axis]) {
    const half = Math.floor(length / 2);
    const part = (start: number, end: number) =>
      k.slice(left, { axes: [axis], starts: [start], ends: [end], steps: [1] });
    const multiplied = k.mul(part(0, half), part(half, 2 * half));
    left = length % 2 === 0 ? multiplied : k.concat(multiplied, part(length - 1, length), { axis });
  }
  return left;
}

export const methods = {
  /**
   * Product along axes (all by default). A round for each halving of the elements, and one.
   * @param axes axis or axes; negative ones count from the back; all by default
   * @param keepDims whether reduced axes stay, with size 1; default false; also as `{ keepDims }`
   * @returns the shape of x without the axes
   * @throws ShapeError where an axis is out of range or named twice
   * @example x.prod(1)
   */
  prod: (x: Shaped, axes?: Axes, keepDims?: KeepDims) => reduceArguments(x, axes, keepDims),
};
