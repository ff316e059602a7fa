/** The first elements of an axis in order, the largest or the smallest first, and where they were. */
import { ShapeError } from '@tacit/errors';
import { checkOptions } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import type { Operations } from '../operation/operations.js';
import { between } from '../plain/interval.js';
import { type PlainTensor, stridesOf } from '../plain/plain-tensor.js';
import { normalizeAxis } from '../shape/axes.js';
import { type Shape, sizeOf } from '../shape/dims.js';

export interface TopKAttributes {
  readonly axis: number;
  /** How many elements are wanted. */
  readonly k: number;
  /** Whether the largest one comes first; else the smallest. */
  readonly largest: boolean;
}

/** Shape of the first k elements of an axis. */
export function topKShape(x: Shape, { axis, k }: TopKAttributes): Shape {
  const size = x[normalizeAxis(axis, x.length)];
  if (k < 0 || (typeof size === 'number' && k > size))
    throw new ShapeError(`there are no ${k} elements along axis ${axis} of size ${size}`);
  return x.map((d, i) => (i === axis ? k : d));
}

/** Values and indices of the first k elements of each row; equal ones in the order of x. */
export function firstInOrder(
  x: PlainTensor,
  { axis, k, largest }: TopKAttributes,
): [PlainTensor, PlainTensor] {
  const shape = topKShape(x.shape, { axis, k, largest }) as number[];
  const [values, indices] = [new Float64Array(sizeOf(shape)), new Float64Array(sizeOf(shape))];
  const [size, step] = [x.shape[axis], stridesOf(x.shape)[axis]];
  const sign = largest ? -1 : 1;
  for (let row = 0; k > 0 && row < x.data.length / size; row++) {
    const [outer, inner] = [Math.floor(row / step), row % step];
    const element = (i: number) => x.data[(outer * size + i) * step + inner];
    const order = Array.from({ length: size }, (_, i) => i);
    order.sort((i, j) => sign * (element(i) - element(j)) || i - j);
    for (let place = 0; place < k; place++) {
      const at = (outer * k + place) * step + inner;
      values[at] = element(order[place]);
      indices[at] = order[place];
    }
  }
  return [
    { shape, data: values },
    { shape, data: indices },
  ];
}

/** The cotangent of the values, scattered to where they were. */
export function scatteredBack<T>(k: Operations<T>, x: T, indices: T, dy: T, axis: number): T {
  const shape = k.shapeOf(x);
  const last = shape.length - 1;
  if (sizeOf(k.shapeOf(dy)) === 0) return k.mul(x, 0);
  // The axis as the last one, behind it one for the places in x.
  const swap = shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const lone = (y: T) => k.unsqueeze(k.transpose(y, { perm: swap }), { axes: [last + 1] });
  const places = { shape: [shape[axis]], data: Float64Array.from({ length: shape[axis] }, (_, i) => i) };
  const moved = k.mul(k.equal(lone(indices), places), lone(dy));
  return k.transpose(k.reduceSum(moved, { axes: [last], keepDims: false }), { perm: swap });
}

export const definition: OperationDefinition<'TopK', TopKAttributes> = {
  op: 'TopK',
  summary: 'the first k elements of an axis in order',
  attributes: { axis: 'axis', k: 'int', largest: 'bool' },
  arity: [1, 1],
  aux: ['indices'],
  gradientOutputs: 2,
  infer: ([x], attributes) => [topKShape(x, attributes), topKShape(x, attributes)],
  evaluate: ([x], attributes) => firstInOrder(x, attributes),
  gradient(k, { inputs: [x], outputs: [, known], dy: [dy], attributes }) {
    const indices = known ?? k.all('TopK', [x], attributes, 2)[1];
    return [scatteredBack(k, x, indices, dy, attributes.axis)];
  },
  // The first of smaller numbers is smaller.
  bounds([{ shape, low, high }], attributes) {
    const [[least], [most]] = [firstInOrder(low, attributes), firstInOrder(high, attributes)];
    const size = Math.max(1, shape[attributes.axis]);
    return [{ shape: least.shape, low: least, high: most }, between(least.shape, 0, size - 1)];
  },
  examples: [
    { shapes: [[9]], attributes: { axis: 0, k: 9, largest: false } },
    { shapes: [[2, 5]], attributes: { axis: 1, k: 2, largest: true } },
    { shapes: [[4, 2, 3]], attributes: { axis: 0, k: 3, largest: true } },
    { shapes: [[2, 3, 2]], attributes: { axis: 1, k: 3, largest: false } },
    { shapes: [[3, 6]], attributes: { axis: 1, k: 4, largest: true }, values: [0, 1, -1], kinks: true },
    { shapes: [[2, 1]], attributes: { axis: 1, k: 1, largest: true } },
    { shapes: [[2, 3]], attributes: { axis: 1, k: 0, largest: true } },
    { shapes: [[0, 3]], attributes: { axis: 1, k: 2, largest: true } },
    { shapes: [[2, 0]], attributes: { axis: 1, k: 0, largest: false } },
  ],
};

export interface SortOptions {
  /** Whether the largest one comes first. Default false. */
  readonly descending?: boolean;
}

/**
 * Attributes of a call that orders a whole axis.
 * @param what how the user called it, for errors
 * @param x receiver
 * @param axis axis; negative ones count from the back
 * @param options see the type
 * @returns the attributes of TopK
 * @throws ShapeError where the axis is out of range; ArgumentError for an unknown option
 * @example orderOf('sort', x, -1, { descending: true });
 */
export function orderOf(
  what: string,
  { shape }: Shaped,
  axis = -1,
  options: SortOptions = {},
): TopKAttributes {
  checkOptions(what, options, ['descending']);
  const own = normalizeAxis(axis, shape.length);
  return { axis: own, k: shape[own], largest: options.descending ?? false };
}

export const methods = {
  /**
   * The elements of an axis in order, exact. The rows are shuffled by a permutation that nobody knows, and what
   * comparisons tell then is the order of a random permutation: nothing. Rounds: one a party, and those of a comparison
   * for some stages; 1,024 elements between two parties take 26.
   * @param axis axis; negative ones count from the back; default the last
   * @param options see the type; an unknown name is an error
   * @returns the shape of x
   * @throws ShapeError where the axis is out of range, or too long: at 16 fraction bits beyond 2^18 elements
   * @throws ArgumentError for an unknown option
   * @example x.sort(0, { descending: true })
   */
  sort: (x: Shaped, axis?: number, options?: SortOptions) => ({
    attributes: orderOf('sort', x, axis, options),
  }),
};
