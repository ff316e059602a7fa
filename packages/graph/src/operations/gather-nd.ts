/** For each list of public indices along the first axes the block that it names. Local. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import { mayEqual, show, sizeOf } from '../shape/dims.js';
import {
  blockPlaces,
  checkTuples,
  fromFront,
  INDEX_KINDS,
  type IndexAttributes,
} from './shared/positions.js';

interface GatherNDAttributes<L = readonly number[]> extends IndexAttributes<L> {
  /** Leading axes that x and the indices share. */
  readonly batchDims: number;
}

export const definition: OperationDefinition<'GatherND', GatherNDAttributes, GatherNDAttributes<OpenInts>> = {
  op: 'GatherND',
  summary: 'for each list of public indices the block that it names',
  attributes: { batchDims: 'axis', ...INDEX_KINDS },
  arity: [1, 1],
  moves: true,
  infer([x], attributes) {
    const { batchDims, shape } = attributes;
    const shared = shape.slice(0, batchDims);
    if (shape.length <= batchDims || shared.some((d, i) => x[i] === undefined || !mayEqual(d, x[i])))
      throw new ShapeError(`${batchDims} leading axes of indices ${show(shape)} are not those of ${show(x)}`);
    const length = checkTuples(x, batchDims, attributes);
    return [[...shape.slice(0, -1), ...x.slice(batchDims + length)]];
  },
  resolve: (attributes) => ({ ...attributes, indices: fromFront(attributes.indices) }),
  evaluate([x], attributes) {
    const [shape] = definition.infer([x.shape], attributes) as number[][];
    const places = blockPlaces(x.shape, attributes.batchDims, attributes);
    const inner = sizeOf(x.shape.slice(attributes.batchDims + attributes.shape[attributes.shape.length - 1]));
    const data = new Float64Array(sizeOf(shape));
    places.forEach((place, i) => {
      data.set(x.data.subarray(place * inner, (place + 1) * inner), i * inner);
    });
    return [{ shape, data }];
  },
  expand(k, [x], attributes) {
    const own = k.shapeOf(x);
    const [shape] = definition.infer([own], attributes) as number[][];
    const named = attributes.batchDims + attributes.shape[attributes.shape.length - 1];
    const indices = blockPlaces(own, attributes.batchDims, attributes);
    const blocks = k.reshape(x, {
      shape: [sizeOf(own.slice(0, named)), ...own.slice(named)],
      allowZero: true,
    });
    return [k.take(blocks, { axis: 0, indices, shape: shape.slice(0, shape.length - own.length + named) })];
  },
  examples: [
    { shapes: [[2, 2]], attributes: { indices: [0, 0, 1, -1], shape: [2, 2], batchDims: 0 } },
    { shapes: [[2, 3, 2]], attributes: { indices: [2, 0], shape: [2, 1], batchDims: 1 } },
    { shapes: [[3, 2]], attributes: { indices: [2, 2, 0], shape: [3, 1], batchDims: 0 } },
    { shapes: [[2, 2]], attributes: { indices: [], shape: [2, 0], batchDims: 0 } },
  ],
};
