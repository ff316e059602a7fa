/** Parts of an axis, or elements of the whole, at public positions. Local. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import { normalizeAxis } from '../shape/axes.js';
import { at, product, show, sizeOf } from '../shape/dims.js';
import { normalizeIndex } from './gather.js';
import { addAt } from './shared/add-at.js';
import { type Indices, indexTensor } from './shared/indices.js';
import {
  checkIndices,
  checkRange,
  fromFront,
  INDEX_KINDS,
  type IndexAttributes,
} from './shared/positions.js';
import { movedBounds } from './shared/views.js';

/** The shape of the indices takes the place of the axis. */
interface TakeAttributes<L = readonly number[]> extends IndexAttributes<L> {
  /** null: of the flattened value. */
  readonly axis: number | null;
}

export const definition: OperationDefinition<'Take', TakeAttributes, TakeAttributes<OpenInts>> = {
  op: 'Take',
  summary: 'parts of an axis at public positions',
  attributes: { axis: 'axisOrAll', ...INDEX_KINDS },
  arity: [1, 1],
  moves: true,
  infer([x], { axis, indices, shape }) {
    if (axis !== null) normalizeAxis(axis, x.length);
    checkIndices({ indices, shape });
    checkRange(indices, axis === null ? product(x) : at(x, axis));
    return [axis === null ? shape : [...x.slice(0, axis), ...shape, ...x.slice(axis + 1)]];
  },
  resolve: ({ axis, indices, shape }, [x]) => ({
    axis,
    indices: fromFront(indices, axis === null ? sizeOf(x) : at(x, axis)),
    shape,
  }),
  evaluate: ([x], attributes) => [taken(x, attributes)],
  gradient(k, { inputs: [x], dy: [dy], attributes: { axis, indices } }) {
    const shape = k.shapeOf(x);
    const [outer, size, inner] = around(shape, axis);
    const flat = k.reshape(dy, { shape: [outer, indices.length, inner], allowZero: true });
    return [k.reshape(addAt(k, flat, indices, size), { shape, allowZero: true })];
  },
  bounds: ([x], attributes) => [movedBounds(x, (v) => taken(v, attributes))],
  examples: [
    { shapes: [[3, 4]], attributes: { axis: 1, indices: [3, 0, 0, -1, 3, 3], shape: [2, 3] } },
    { shapes: [[3, 2]], attributes: { axis: 0, indices: [1], shape: [] } },
    { shapes: [[2, 3]], attributes: { axis: null, indices: [5, -5], shape: [2, 1] } },
    { shapes: [[2, 3]], attributes: { axis: 1, indices: [], shape: [0] } },
    { shapes: [[]], attributes: { axis: null, indices: [0, 0], shape: [2] } },
  ],
};

/** Elements before, along and behind an axis. */
const around = (shape: readonly number[], axis: number | null): [number, number, number] =>
  axis === null
    ? [1, sizeOf(shape), 1]
    : [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))];

function taken(x: PlainTensor, attributes: TakeAttributes): PlainTensor {
  const [shape] = definition.infer([x.shape], attributes) as number[][];
  const [outer, size, inner] = around(x.shape, attributes.axis);
  const data = new Float64Array(sizeOf(shape));
  let to = 0;
  for (let o = 0; o < outer; o++)
    for (const index of attributes.indices) {
      const from = (o * size + normalizeIndex(index, size)) * inner;
      data.set(x.data.subarray(from, from + inner), to);
      to += inner;
    }
  return { shape, data };
}

export const methods = {
  /**
   * Elements at public positions, as NumPy's `take`. No round.
   * @param indices a number or nested lists of numbers; negative ones count from the back
   * @param axis axis that they are positions of; by default of the flattened tensor
   * @returns the shape of the indices in place of the axis (without one: the shape of the indices)
   * @throws ShapeError where the axis or an index is out of range
   * @throws ArgumentError where the indices are not numbers, or of no shape
   * @example x.take([[0, 2], [1, 1]], -1)
   */
  take: (x: Shaped, indices: Indices, axis?: number) => {
    const { shape, values } = indexTensor('take', indices);
    const own = axis === undefined ? null : normalizeAxis(axis, x.shape.length);
    return { attributes: { axis: own, indices: values, shape } };
  },
  /**
   * Parts of an axis at public positions, in the order given, also repeatedly. No round.
   * @param axis axis; negative ones count from the back
   * @param indices a number or a list of numbers; negative ones count from the back
   * @returns the shape of x, the axis as long as the list
   * @throws ShapeError where the axis or an index is out of range
   * @throws ArgumentError where the indices are not a list of numbers
   * @example x.indexSelect(1, [2, 0])
   */
  indexSelect: (x: Shaped, axis: number, indices: number | ArrayLike<number>) => {
    const { values } = indexTensor('indexSelect', indices, 1);
    return {
      attributes: { axis: normalizeAxis(axis, x.shape.length), indices: values, shape: [values.length] },
    };
  },
  /**
   * The diagonal of a matrix, or of each matrix of the first two axes, as NumPy's `diagonal`. No round.
   * @returns [...rest, length], the length being the smaller of the first two sizes
   * @throws ShapeError for fewer than two axes
   * @example party.cryptensor([[1, 2], [3, 4]], { src: 0 }).diagonal() // [1, 4]
   */
  diagonal: ({ shape }: Shaped) => {
    if (shape.length < 2) throw new ShapeError(`diagonal of ${show(shape)}: it takes a matrix`);
    const [rows, columns, ...rest] = shape;
    const [length, inner] = [Math.min(rows, columns), sizeOf(rest)];
    const indices = Array.from(
      { length: inner * length },
      (_, i) => (i % length) * (columns + 1) * inner + Math.floor(i / length),
    );
    return { attributes: { axis: null, indices, shape: [...rest, length] } };
  },
};
