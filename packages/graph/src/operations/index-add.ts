/** x with parts added at public positions of an axis. Local. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { normalizeAxis } from '../shape/axes.js';
import { at, mayEqual, show, sizeOf } from '../shape/dims.js';
import { normalizeIndex } from './gather.js';
import { addAt } from './shared/add-at.js';
import { indexTensor } from './shared/indices.js';
import { checkRange, fromFront } from './shared/positions.js';

interface IndexAddAttributes<L = readonly number[]> {
  readonly axis: number;
  /** Negative ones count from the back; once resolved all count from the front. */
  readonly indices: L;
}

export const definition: OperationDefinition<'IndexAdd', IndexAddAttributes, IndexAddAttributes<OpenInts>> = {
  op: 'IndexAdd',
  summary: 'x with parts added at public positions of an axis',
  attributes: { axis: 'axis', indices: 'public' },
  arity: [2, 2],
  infer([x, y], { axis, indices }) {
    normalizeAxis(axis, x.length);
    checkRange(indices, at(x, axis));
    const wanted = x.map((dim, i) => (i === axis ? indices.length : dim));
    if (y.length !== x.length || y.some((dim, i) => !mayEqual(dim, at(wanted, i))))
      throw new ShapeError(`values ${show(y)} for ${indices.length} positions instead of ${show(wanted)}`);
    return [x];
  },
  resolve: ({ axis, indices }, [x]) => ({ axis, indices: fromFront(indices, at(x, axis)) }),
  evaluate([x, y], { axis, indices }) {
    const [inner, size] = [sizeOf(x.shape.slice(axis + 1)), at(x.shape, axis)];
    const data = x.data.slice();
    y.data.forEach((v, i) => {
      const [outer, part] = [Math.floor(i / inner / indices.length), Math.floor(i / inner) % indices.length];
      data[(outer * size + normalizeIndex(indices[part], size)) * inner + (i % inner)] += v;
    });
    return [{ shape: x.shape, data }];
  },
  expand(k, [x, y], { axis, indices }) {
    const shape = k.shapeOf(x);
    const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    const parts = k.reshape(y, { shape: [outer, indices.length, inner], allowZero: true });
    const added = addAt(k, parts, indices, shape[axis]);
    return [k.add(x, k.reshape(added, { shape, allowZero: true }))];
  },
  examples: [
    {
      shapes: [
        [4, 2],
        [3, 2],
      ],
      attributes: { axis: 0, indices: [0, -1, 0] },
    },
    {
      shapes: [
        [2, 3],
        [2, 5],
      ],
      attributes: { axis: 1, indices: [2, 2, 2, 2, 2] },
    },
    { shapes: [[3], [0]], attributes: { axis: 0, indices: [] } },
  ],
};

export const methods = {
  /**
   * This tensor with parts added at public positions of an axis, as PyTorch's `index_add`. No round.
   * @param axis axis; negative ones count from the back
   * @param indices a number or a list of numbers; negative ones count from the back
   * @param src the shape of x, the axis as long as the list
   * @returns the shape of x
   * @throws ShapeError where the axis or an index is out of range, or shapes do not fit
   * @throws ArgumentError where the indices are not a list of numbers
   * @example x.indexAdd(0, [2, 0], y)
   */
  indexAdd: (x: Shaped, axis: number, indices: number | ArrayLike<number>, src: Operand) => {
    const { values } = indexTensor('indexAdd', indices, 1);
    return {
      inputs: [src],
      attributes: { axis: normalizeAxis(axis, x.shape.length), indices: values },
    };
  },
};
