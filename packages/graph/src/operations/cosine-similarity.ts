/** The cosine of the angle between the rows of two tensors. */
import type { Linearization, OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import type { Operations } from '../operation/operations.js';
import { zip } from '../plain/plain-tensor.js';
import { normalizeAxis } from '../shape/axes.js';
import { broadcast } from '../shape/dims.js';
import type { AxisAttributes } from './shared/along-axis.js';
import { keptAxes } from './shared/broadcast-back.js';
import { unbroadcast } from './shared/elementwise.js';
import { reduceAxes, reducedShape } from './shared/reduction.js';

/** Squared norms are at least this: rows of zeros have the similarity 0. */
const LEAST = 2 ** -14;

/** Below every sum of squares that is not 0: the inverse of 0 is large, and finite. */
const TINY = 2 ** -40;

type Linearized<T> = Linearization<T, AxisAttributes>;

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
  evaluate([x, y], { axis }) {
    const sum = (a: typeof x, b: typeof y) =>
      reduceAxes(
        zip(a, b, (v, w) => v * w),
        [axis],
        false,
        'sum',
      );
    const norms = zip(sum(x, x), sum(y, y), (a, b) => Math.sqrt(Math.max(a, LEAST) * Math.max(b, LEAST)));
    return [zip(sum(x, y), norms, (product, norm) => product / norm)];
  },
  expand<T>(k: Operations<T>, [x, y]: readonly T[], { axis }: AxisAttributes) {
    const along = { axes: [axis], keepDims: false };
    const inverse = (z: T) => k.invSqrt(k.reduceSum(k.square(z), along));
    return [k.mul(k.mul(k.reduceSum(k.mul(x, y), along), inverse(x)), inverse(y))];
  },
  // (v - c u) / |x| with the unit vectors u and v of x and y: nothing on the way is small beside the result.
  gradient<T>(
    k: Operations<T>,
    { inputs: [x, y], outputs: [c], dy: [dy], attributes, needed }: Linearized<T>,
  ) {
    const along = { axes: [attributes.axis], keepDims: true };
    const shape = broadcast(k.shapeOf(x), k.shapeOf(y)) as number[];
    const [cosine, cotangent] = [c, dy].map((v) => keptAxes(k, v, shape, along));
    const [u, v] = [x, y].map((z) => {
      const inverse = k.invSqrt(k.add(k.reduceSum(k.square(z), along), TINY));
      return { inverse, unit: k.mul(z, inverse) };
    });
    const toward = (own: typeof u, other: typeof u, like: T) =>
      unbroadcast(
        k,
        k.mul(k.mul(k.sub(other.unit, k.mul(cosine, own.unit)), own.inverse), cotangent),
        k.shapeOf(like),
      );
    return [needed[0] ? toward(u, v, x) : undefined, needed[1] ? toward(v, u, y) : undefined];
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
   * The cosine of the angle between x and y along an axis. Rounds: those of a product, of `invSqrt` and of two products.
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
