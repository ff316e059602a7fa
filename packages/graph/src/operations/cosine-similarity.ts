/** The cosine of the angle between the rows of two tensors. */
import type { Linearization, OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import type { Operations } from '../operation/operations.js';
import { broadcastTo, map, zip } from '../plain/plain-tensor.js';
import { normalizeAxis } from '../shape/axes.js';
import { at, broadcast, sameShape } from '../shape/dims.js';
import type { AxisAttributes } from './shared/along-axis.js';
import { keptAxes } from './shared/broadcast-back.js';
import { unbroadcast } from './shared/elementwise.js';
import { reduceAxes, reducedShape } from './shared/reduction.js';

/** Mean squares are at least this: rows of zeros have the similarity 0. */
const LEAST = 2 ** -20;

/** Below every mean square that is told from 0: the inverse of 0 is large, and finite. */
const TINY = 2 ** -40;

type Linearized<T> = Linearization<T, AxisAttributes>;

/** x and y at their common shape over the roots of their mean squares along the axis, and the inverses of these. */
function units<T>(k: Operations<T>, inputs: readonly T[], axis: number) {
  const shape = broadcast(...(inputs.map((x) => k.shapeOf(x)) as [number[], number[]])) as number[];
  return inputs.map((x) => {
    const wide = sameShape(k.shapeOf(x), shape) ? x : k.expand(x, { shape });
    const square = k.reduceMean(k.square(wide), { axes: [axis], keepDims: true });
    const inverse = k.invSqrt(k.add(square, TINY));
    return { inverse, unit: k.mul(wide, inverse) };
  });
}

export const definition: OperationDefinition<'CosineSimilarity', AxisAttributes> = {
  op: 'CosineSimilarity',
  summary: 'sum of x y over the norms of x and y, along an axis',
  attributes: { axis: 'axis' },
  arity: [2, 2],
  accuracy: { maxError: 2 ** -7 },
  infer([x, y], { axis }) {
    const shape = broadcast(x, y);
    normalizeAxis(axis, shape.length);
    return [reducedShape(shape, [axis], false)];
  },
  evaluate([a, b], { axis }) {
    const shape = broadcast(a.shape, b.shape) as number[];
    const [x, y] = [a, b].map((v) => broadcastTo(v, shape));
    const mean = (v: typeof x, w: typeof y) =>
      reduceAxes(
        zip(v, w, (p, q) => p * q),
        [axis],
        false,
        'mean',
      );
    const size = (v: typeof x) => map(mean(v, v), (square) => Math.sqrt(Math.max(square, LEAST)));
    const sizes = zip(size(x), size(y), (p, q) => p * q);
    return [zip(mean(x, y), sizes, (product, both) => product / both)];
  },
  expand<T>(k: Operations<T>, inputs: readonly T[], { axis }: AxisAttributes) {
    const [u, v] = units(k, inputs, axis);
    return [k.reduceMean(k.mul(u.unit, v.unit), { axes: [axis], keepDims: false })];
  },
  // (v - c u) / |x| with the vectors u and v in the directions of x and y: nothing on the way is small beside the result.
  gradient<T>(k: Operations<T>, { inputs, outputs: [c], dy: [dy], attributes, needed }: Linearized<T>) {
    const [u, v] = units(k, inputs, attributes.axis);
    const along = { axes: [attributes.axis], keepDims: true };
    const shape = k.shapeOf(u.unit);
    const [cosine, cotangent] = [c, dy].map((z) => keptAxes(k, z, shape, along));
    const share = k.mul(cotangent, 1 / at(shape, attributes.axis));
    const toward = (own: typeof u, other: typeof u, like: T) => {
      const across = k.mul(k.sub(other.unit, k.mul(cosine, own.unit)), own.inverse);
      return unbroadcast(k, k.mul(across, share), k.shapeOf(like));
    };
    return inputs.map((like, i) =>
      needed[i] ? (i === 0 ? toward(u, v, like) : toward(v, u, like)) : undefined,
    );
  },
  examples: [
    {
      shapes: [
        [2, 3],
        [2, 3],
      ],
      attributes: { axis: 1 },
    },
    {
      shapes: [
        [4, 2],
        [4, 2],
      ],
      attributes: { axis: 0 },
    },
  ],
};

export const methods = {
  /**
   * The cosine of the angle between x and y along an axis, 0 for zeros. Rounds: those of a square, of `invSqrt` and of two
   * products. Elements are below 2^14; the root of their mean square is 2^-10 or more, or counts as that.
   * @param y other operand, of the same length along the axis
   * @param axis axis; default 1
   * @returns the broadcast shape without the axis
   * @throws ShapeError where the shapes do not fit or there is no such axis
   * @example x.cosineSimilarity(y)
   */
  cosineSimilarity: (x: Shaped, y: Operand, axis = 1) => ({
    inputs: [y],
    attributes: { axis: normalizeAxis(axis, x.shape.length) },
  }),
};
