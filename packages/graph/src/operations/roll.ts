/** Turned along axes: what leaves at the end comes in at the start. Local. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { normalizeAxis } from '../shape/axes.js';
import { sizeOf } from '../shape/dims.js';
import { picked, takeAxes } from './shared/take-axes.js';

interface RollAttributes {
  /** How far each of the axes is turned, towards its end where positive. */
  readonly shifts: readonly number[];
  readonly axes: readonly number[];
}

/** For each place, where its element was. */
const turned = (size: number, shift: number): number[] =>
  Array.from({ length: size }, (_, i) => (((i - shift) % size) + size) % size);

const positions = (shape: readonly number[], { shifts, axes }: RollAttributes): number[][] =>
  shape.map((size, axis) =>
    turned(
      size,
      shifts.reduce((sum, s, i) => sum + (axes[i] === axis ? s : 0), 0),
    ),
  );

export const definition: OperationDefinition<'Roll', RollAttributes> = {
  op: 'Roll',
  summary: 'turned along axes: what leaves at the end comes in at the start',
  attributes: { shifts: 'ints', axes: 'axes' },
  arity: [1, 1],
  moves: true,
  infer([x], { shifts, axes }) {
    for (const axis of axes) normalizeAxis(axis, x.length);
    if (shifts.length !== axes.length)
      throw new ShapeError(`${shifts.length} shifts for ${axes.length} axes`);
    return [x];
  },
  evaluate: ([x], attributes) => [picked(x, positions(x.shape, attributes))],
  expand: (k, [x], attributes) => [takeAxes(k, x, positions(k.shapeOf(x), attributes))],
  examples: [
    { shapes: [[5]], attributes: { shifts: [2], axes: [0] } },
    { shapes: [[3, 4]], attributes: { shifts: [-1, 5], axes: [0, 1] } },
    { shapes: [[2, 3]], attributes: { shifts: [1, 1], axes: [1, 1] } },
    { shapes: [[2, 0]], attributes: { shifts: [3], axes: [1] } },
  ],
};

export const methods = {
  /**
   * Turned along axes: what leaves at the end comes in at the start, as NumPy's `roll`. No round.
   * @param shifts how far, one number or one an axis; negative ones turn towards the start
   * @param axes axes; without them the flattened tensor is turned by one number
   * @returns the shape of x
   * @throws ShapeError where an axis is out of range, or there are not as many shifts as axes
   * @throws ArgumentError for shifts that are not whole numbers
   * @example x.roll([1, -1], [0, 1])
   */
  roll: ({ shape }: Shaped, shifts: number | readonly number[], axes?: number | readonly number[]) => {
    const by = typeof shifts === 'number' ? [shifts] : shifts;
    if (!Array.isArray(by) || !by.every(Number.isSafeInteger))
      throw new ArgumentError('roll: the shifts are a whole number or a list of them');
    if (axes === undefined) {
      if (by.length !== 1) throw new ShapeError(`roll: ${by.length} shifts of the flattened tensor`);
      return {
        op: 'Take' as const,
        attributes: { axis: null, indices: turned(sizeOf(shape), by[0]), shape },
      };
    }
    const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normalizeAxis(axis, shape.length));
    return { attributes: { shifts: by.length === 1 ? list.map(() => by[0]) : by, axes: list } };
  },
};
