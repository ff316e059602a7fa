/** x with blocks written or added where lists of public indices along its first axes say. Local. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import { at, mayEqual, show, sizeOf } from '../shape/dims.js';
import {
  blockPlaces,
  checkTuples,
  composeBlocks,
  fromFront,
  INDEX_KINDS,
  type IndexAttributes,
  REDUCTIONS,
  type Reduction,
  writeBlocks,
} from './shared/positions.js';

interface ScatterNDAttributes<L = readonly number[]> extends IndexAttributes<L> {
  /** Whether they are written ('none'), or combined with what is there. */
  readonly reduction: Reduction;
}

export const definition: OperationDefinition<
  'ScatterND',
  ScatterNDAttributes,
  ScatterNDAttributes<OpenInts>
> = {
  op: 'ScatterND',
  summary: 'x with blocks written to, or combined with, where lists of public indices say',
  attributes: { ...INDEX_KINDS, reduction: REDUCTIONS },
  arity: [2, 2],
  infer([x, y], attributes) {
    const { shape } = attributes;
    const wanted = [...shape.slice(0, -1), ...x.slice(checkTuples(x, 0, attributes))];
    if (y.length !== wanted.length || y.some((dim, i) => !mayEqual(dim, at(wanted, i))))
      throw new ShapeError(`values ${show(y)} for indices ${show(shape)} instead of ${show(wanted)}`);
    return [x];
  },
  resolve: (attributes) => ({ ...attributes, indices: fromFront(attributes.indices) }),
  evaluate: ([x, y], attributes) => [
    writeBlocks(
      x,
      y.data,
      blockPlaces(x.shape, 0, attributes),
      innerOf(x.shape, attributes),
      attributes.reduction,
    ),
  ],
  expand(k, [x, y], attributes) {
    const shape = k.shapeOf(x);
    const places = blockPlaces(shape, 0, attributes);
    return [composeBlocks(k, x, y, places, innerOf(shape, attributes), attributes.reduction)];
  },
  examples: [
    { shapes: [[5], [3]], attributes: { indices: [4, 0, -2], shape: [3, 1], reduction: 'none' } },
    {
      shapes: [
        [3, 2, 2],
        [2, 2],
      ],
      attributes: { indices: [2, 0, 0, 1], shape: [2, 2], reduction: 'none' },
    },
    {
      shapes: [
        [3, 2],
        [4, 2],
      ],
      attributes: { indices: [1, 1, 0, 1], shape: [4, 1], reduction: 'add' },
    },
    ...(['mul', 'max', 'min'] as const).map((reduction) => ({
      shapes: [
        [3, 2],
        [4, 2],
      ],
      attributes: { indices: [1, 1, 0, 1], shape: [4, 1], reduction },
    })),
    { shapes: [[2], [0]], attributes: { indices: [], shape: [0, 1], reduction: 'add' } },
  ],
};

/** Elements of a block. */
const innerOf = (x: readonly number[], { shape }: IndexAttributes) =>
  sizeOf(x.slice(shape[shape.length - 1]));
