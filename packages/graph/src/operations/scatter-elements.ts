/** x with other elements written or added at public places along an axis. Local. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { broadcastTo } from '../plain/plain-tensor.js';
import { normalizeAxis } from '../shape/axes.js';
import { at, broadcast, mayEqual, show } from '../shape/dims.js';
import { type ElementAttributes, elementArguments, resolveElements } from './gather-elements.js';
import type { Indices } from './shared/indices.js';
import {
  checkElements,
  composeBlocks,
  elementPlaces,
  INDEX_KINDS,
  REDUCTIONS,
  type Reduction,
  writeBlocks,
} from './shared/positions.js';

interface ScatterAttributes<L = readonly number[]> extends ElementAttributes<L> {
  /** Whether they are written ('none'), or combined with what is there. */
  readonly reduction: Reduction;
}

export const definition: OperationDefinition<
  'ScatterElements',
  ScatterAttributes,
  ScatterAttributes<OpenInts>
> = {
  op: 'ScatterElements',
  summary: 'x with elements written to, or combined with, public places along an axis',
  attributes: { axis: 'axis', ...INDEX_KINDS, reduction: REDUCTIONS },
  arity: [2, 2],
  infer([x, y], attributes) {
    normalizeAxis(attributes.axis, x.length);
    checkElements(x, attributes.axis, attributes);
    const { shape } = attributes;
    const wide = broadcast(y, shape);
    if (wide.length !== shape.length || wide.some((dim, i) => !mayEqual(dim, at(shape, i))))
      throw new ShapeError(`values ${show(y)} do not fit indices ${show(shape)}`);
    return [x];
  },
  resolve: resolveElements,
  evaluate([x, y], attributes) {
    const places = elementPlaces(x.shape, attributes.axis, attributes);
    const { data } = broadcastTo(y, attributes.shape);
    return [writeBlocks(x, data, places, 1, attributes.reduction)];
  },
  expand(k, [x, y], attributes) {
    const places = elementPlaces(k.shapeOf(x), attributes.axis, attributes);
    const values = k.expand(y, { shape: attributes.shape });
    return [composeBlocks(k, x, values, places, 1, attributes.reduction)];
  },
  examples: [
    {
      shapes: [
        [3, 3],
        [2, 3],
      ],
      attributes: { axis: 0, indices: [1, 0, 2, 0, -1, 1], shape: [2, 3], reduction: 'none' },
    },
    {
      shapes: [
        [2, 4],
        [2, 3],
      ],
      attributes: { axis: 1, indices: [1, 1, 3, 0, 2, -2], shape: [2, 3], reduction: 'add' },
    },
    {
      shapes: [[5], []],
      attributes: { axis: 0, indices: [2, 2, 4, 2, 2, 2], shape: [6], reduction: 'add' },
    },
    {
      shapes: [
        [2, 4],
        [2, 3],
      ],
      attributes: { axis: 1, indices: [1, 1, 3, 0, 2, -2], shape: [2, 3], reduction: 'mul' },
    },
    ...(['max', 'min'] as const).map((reduction) => ({
      shapes: [
        [3, 2],
        [3, 2],
      ],
      attributes: { axis: 0, indices: [0, 1, 0, 2, 0, -1], shape: [3, 2], reduction },
    })),
    { shapes: [[2], [0]], attributes: { axis: 0, indices: [], shape: [0], reduction: 'none' } },
  ],
};

export const methods = {
  /**
   * This tensor with values written at public places along the axis, as PyTorch's `scatter`: with axis 1,
   * y[i][indices[i][j]] is src[i][j]. Of several written to one place the last stays. No round.
   * @param axis axis; negative ones count from the back
   * @param indices nested lists with as many axes as x, or a tensor of them; negative ones count from the back
   * @param src values of the shape of the indices, or what broadcasts to it
   * @returns the shape of x
   * @throws ShapeError where the axis or an index is out of range, or shapes do not fit
   * @throws ArgumentError where the indices are not numbers, or of no shape
   * @example x.scatter(1, [[0], [2]], [[7], [8]])
   */
  scatter: (x: Shaped, axis: number, indices: Indices, src: Operand) => ({
    inputs: [src],
    attributes: { ...elementArguments('scatter', x, axis, indices), reduction: 'none' as const },
  }),
  /**
   * This tensor with values added at public places along the axis, as PyTorch's `scatter_add`. No round.
   * @param axis axis; negative ones count from the back
   * @param indices nested lists with as many axes as x, or a tensor of them; negative ones count from the back
   * @param src values of the shape of the indices, or what broadcasts to it
   * @returns the shape of x
   * @throws ShapeError where the axis or an index is out of range, or shapes do not fit
   * @throws ArgumentError where the indices are not numbers, or of no shape
   * @example x.scatterAdd(0, [0, 0, 2], y)
   */
  scatterAdd: (x: Shaped, axis: number, indices: Indices, src: Operand) => ({
    inputs: [src],
    attributes: { ...elementArguments('scatterAdd', x, axis, indices), reduction: 'add' as const },
  }),
};
