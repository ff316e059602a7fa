/** Selection from public values by public index. */
import { ShapeError } from '@tacit/errors';
import type { PublicDefinition } from '../operation/definition.js';
import { normalizeAxis } from '../shape/axes.js';
import { at, sizeOf } from '../shape/dims.js';

interface GatherAttributes {
  readonly axis: number;
}

export const definition: PublicDefinition<'Gather', GatherAttributes> = {
  op: 'Gather',
  summary: 'selects from public values',
  publicOnly: true,
  attributes: { axis: 'axis' },
  arity: [2, 2],
  infer([data, indices], { axis }) {
    normalizeAxis(axis, data.length);
    return [[...data.slice(0, axis), ...indices, ...data.slice(axis + 1)]];
  },
  evaluate([x, indices], { axis }) {
    const size = at(x.shape, axis);
    const inner = sizeOf(x.shape.slice(axis + 1));
    const outer = sizeOf(x.shape.slice(0, axis));
    const [shape] = definition.infer([x.shape, indices.shape], { axis }) as number[][];
    const data = new Float64Array(sizeOf(shape));
    let to = 0;
    for (let o = 0; o < outer; o++)
      for (const index of indices.data) {
        const from = (o * size + normalizeIndex(index, size)) * inner;
        data.set(x.data.subarray(from, from + inner), to);
        to += inner;
      }
    return [{ shape, data }];
  },
  examples: [{ shapes: [[3, 2], [2]], attributes: { axis: 0 }, values: [0, 1, -1] }],
};

/**
 * An index counted from the front.
 * @param index index; negative ones count from the back
 * @param size size of the axis
 * @returns the index counted from the front
 * @throws ShapeError where it is out of range
 * @example normalizeIndex(-1, 3); // 2
 */
export function normalizeIndex(index: number, size: number): number {
  const position = index < 0 ? index + size : index;
  if (!Number.isInteger(position) || position < 0 || position >= size)
    throw new ShapeError(`the index ${index} is out of range for size ${size}`);
  return position;
}
