/** For each public index the element at its place along an axis. Local. */
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { normalizeAxis } from '../shape/axes.js';
import { at } from '../shape/dims.js';
import { type Indices, indexTensor } from './shared/indices.js';
import {
  checkElements,
  elementPlaces,
  fromFront,
  INDEX_KINDS,
  type IndexAttributes,
} from './shared/positions.js';

export interface ElementAttributes<L = readonly number[]> extends IndexAttributes<L> {
  readonly axis: number;
}

/** Indices counted from the front. */
export function resolveElements<A extends ElementAttributes<OpenInts>>(
  attributes: A,
  [x]: readonly (readonly number[])[],
): Omit<A, 'indices'> & { readonly indices: readonly number[] } {
  return { ...attributes, indices: fromFront(attributes.indices, at(x, attributes.axis)) };
}

export const definition: OperationDefinition<
  'GatherElements',
  ElementAttributes,
  ElementAttributes<OpenInts>
> = {
  op: 'GatherElements',
  summary: 'for each public index the element at its place along an axis',
  attributes: { axis: 'axis', ...INDEX_KINDS },
  arity: [1, 1],
  moves: true,
  infer([x], attributes) {
    normalizeAxis(attributes.axis, x.length);
    checkElements(x, attributes.axis, attributes);
    return [attributes.shape];
  },
  resolve: resolveElements,
  evaluate([x], attributes) {
    const places = elementPlaces(x.shape, attributes.axis, attributes);
    return [{ shape: attributes.shape, data: Float64Array.from(places, (place) => x.data[place]) }];
  },
  expand(k, [x], attributes) {
    const indices = elementPlaces(k.shapeOf(x), attributes.axis, attributes);
    return [k.take(x, { axis: null, indices, shape: attributes.shape })];
  },
  examples: [
    { shapes: [[3, 3]], attributes: { axis: 0, indices: [1, 2, -3, 2, 0, 0], shape: [2, 3] } },
    { shapes: [[2, 2]], attributes: { axis: 1, indices: [0, 0, 1, 0], shape: [2, 2] } },
    { shapes: [[2, 3]], attributes: { axis: 1, indices: [2], shape: [1, 1] } },
    { shapes: [[2, 0]], attributes: { axis: 1, indices: [], shape: [2, 0] } },
  ],
};

/** Arguments of a method that takes indices along an axis. */
export const elementArguments = (
  what: string,
  x: Shaped,
  axis: number,
  given: Indices,
): ElementAttributes => {
  const { shape, values } = indexTensor(what, given);
  return { axis: normalizeAxis(axis, x.shape.length), indices: values, shape };
};

export const methods = {
  /**
   * For each public index the element at its place along the axis, as PyTorch's `gather`: with axis 1, y[i][j] is
   * x[i][indices[i][j]]. No round.
   * @param axis axis; negative ones count from the back
   * @param indices nested lists with as many axes as x, or a tensor of them; negative ones count from the back
   * @returns the shape of the indices
   * @throws ShapeError where the axis or an index is out of range, or other axes are longer than those of x
   * @throws ArgumentError where the indices are not numbers, or of no shape
   * @example x.gather(1, [[0], [2]])
   */
  gather: (x: Shaped, axis: number, indices: Indices) => ({
    attributes: elementArguments('gather', x, axis, indices),
  }),
};
