/** Secret indices as rows of zeros and a one. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { between } from '../plain/interval.js';
import { sizeOf } from '../shape/dims.js';

interface OneHotAttributes {
  readonly depth: number;
}

/** Every index is dealt a word for each row of the table. */
const MOST_ROWS = 2 ** 20;

export const definition: OperationDefinition<'OneHot', OneHotAttributes> = {
  op: 'OneHot',
  summary: 'for each index a row of zeros with a 1 at its place, as a new last axis',
  attributes: { depth: 'count' },
  arity: [1, 1],
  infer([x], { depth }) {
    if (depth > MOST_ROWS)
      throw new ShapeError(`one-hot rows have at most ${MOST_ROWS} places, not ${depth}`);
    return [[...x, depth]];
  },
  evaluate([x], { depth }) {
    const shape = [...x.shape, depth];
    const data = new Float64Array(sizeOf(shape));
    x.data.forEach((v, i) => {
      const place = placeOf(v, depth);
      if (place < depth) data[i * depth + place] = 1;
    });
    return [{ shape, data }];
  },
  gradient: () => [undefined],
  bounds: ([x], { depth }) => [between([...x.shape, depth], 0, 1)],
  examples: [
    { shapes: [[2, 3]], attributes: { depth: 5 }, values: [0, 1, 4, 2.25, 2.875] },
    { shapes: [[]], attributes: { depth: 3 }, values: [1] },
    { shapes: [[4]], attributes: { depth: 1 }, values: [0] },
    { shapes: [[4]], attributes: { depth: 3 }, values: [-1, -2, 4, 5] },
    { shapes: [[2]], attributes: { depth: 0 } },
    { shapes: [[0, 2]], attributes: { depth: 3 } },
  ],
};

/** Where a row of `depth` numbers has its 1: indices are rounded, and count mod a power of two. */
export function placeOf(index: number, depth: number): number {
  const period = 2 ** Math.max(1, Math.ceil(Math.log2(depth)));
  const place = Math.floor(index + 0.5) % period;
  return place < 0 ? place + period : place;
}

export const methods = {
  /**
   * One-hot rows of private indices: each is rounded to the nearest whole number (three rounds; none for bits and
   * indices, which are whole) and becomes a row with a 1 at its place, in one round. Indices are promised to be 0 to
   * `depth` - 1; others give zeros or, mod the least power of two that is not below `depth`, the row of another.
   * @param depth length of a row: 0 to 2^20
   * @returns the shape of x and a last axis of that length
   * @throws ShapeError for more than 2^20 places
   * @throws ArgumentError where the depth is not a whole number
   * @example party.cryptensor([2, 0], { src: 0 }).oneHot(3) // [[0, 0, 1], [1, 0, 0]]
   */
  oneHot: (_x: Shaped, depth: number) => ({ attributes: { depth } }),
};
