/** A value repeated as a whole along its axes. Local; a masked tensor stays masked. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { gatherStrided, stridesOf } from '../plain/plain-tensor.js';
import { type Dim, mapDim, UNKNOWN } from '../shape/dims.js';

interface TileAttributes<L = readonly number[]> {
  /** One an axis; more are for new leading axes. */
  readonly repeats: L;
}

/** A list with ones before it. */
const led = (list: readonly number[], rank: number): number[] => [
  ...new Array<number>(Math.max(0, rank - list.length)).fill(1),
  ...list,
];

export const definition: OperationDefinition<'Tile', TileAttributes, TileAttributes<OpenInts>> = {
  op: 'Tile',
  summary: 'repeated as a whole along its axes',
  attributes: { repeats: 'public' },
  arity: [1, 1],
  moves: true,
  infer([x], { repeats }) {
    if (repeats.length < x.length) throw new ShapeError(`${repeats.length} counts for ${x.length} axes`);
    if (!Array.isArray(repeats)) return [new Array<Dim>(repeats.length).fill(UNKNOWN)];
    if (!repeats.every((count) => Number.isSafeInteger(count) && count >= 0))
      throw new ShapeError(`counts are whole numbers from 0 on, not [${repeats}]`);
    const lead = repeats.length - x.length;
    return [
      repeats.map((count, axis) => {
        const dim = axis < lead ? 1 : x[axis - lead];
        return count === 1 ? dim : mapDim(dim, (size) => size * count);
      }),
    ];
  },
  evaluate([x], { repeats }) {
    const own = led(x.shape, repeats.length);
    const strides = stridesOf(own);
    const tiled = gatherStrided(
      x.data,
      repeats.flatMap((count, axis) => [count, own[axis]]),
      strides.flatMap((stride) => [0, stride]),
    );
    return [{ shape: repeats.map((count, axis) => count * own[axis]), data: tiled.data }];
  },
  expand(k, [x], { repeats }) {
    const own = led(k.shapeOf(x), repeats.length);
    const lone = k.reshape(x, { shape: own.flatMap((size) => [1, size]), allowZero: true });
    const wide = k.expand(lone, { shape: repeats.flatMap((count, axis) => [count, own[axis]]) });
    return [k.reshape(wide, { shape: repeats.map((count, axis) => count * own[axis]), allowZero: true })];
  },
  examples: [
    { shapes: [[2, 3]], attributes: { repeats: [2, 3] } },
    { shapes: [[2, 1]], attributes: { repeats: [1, 1] } },
    { shapes: [[3]], attributes: { repeats: [2, 2] } },
    { shapes: [[2]], attributes: { repeats: [0] } },
    { shapes: [[]], attributes: { repeats: [] } },
  ],
};

export const methods = {
  /**
   * Repeated as a whole along its axes, as NumPy's `tile`. No round.
   * @param counts one an axis, the last for the last axis: missing ones are 1, further ones make leading axes
   * @returns each size times its count
   * @throws ShapeError for counts that are not whole numbers from 0 on
   * @throws ArgumentError for what is not a number or a list of numbers
   * @example x.repeat([2, 1])
   */
  repeat: ({ shape }: Shaped, counts: number | readonly number[]) => {
    const list = typeof counts === 'number' ? [counts] : counts;
    if (!Array.isArray(list)) throw new ArgumentError('repeat: the counts are a number or a list of numbers');
    return { attributes: { repeats: led(list, shape.length) } };
  },
};
