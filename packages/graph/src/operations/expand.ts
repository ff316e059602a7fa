/** Repeats a value along axes of size 1 and new leading axes. Local. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { broadcastTo } from '../plain/plain-tensor.js';
import { broadcast, type Dim, UNKNOWN } from '../shape/dims.js';
import { unbroadcast } from './shared/elementwise.js';
import { movedBounds } from './shared/views.js';

export interface ExpandAttributes<L = readonly number[]> {
  /** What to broadcast with: sizes of 1 leave the input's. */
  readonly shape: L;
}

export const definition: OperationDefinition<'Expand', ExpandAttributes, ExpandAttributes<OpenInts>> = {
  op: 'Expand',
  summary: 'broadcasts to a shape',
  attributes: { shape: 'public' },
  arity: [1, 1],
  moves: true,
  infer([x], { shape }) {
    if (!Array.isArray(shape)) return [new Array<Dim>(Math.max(x.length, shape.length)).fill(UNKNOWN)];
    if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0))
      throw new ShapeError(`[${shape}] is not a shape`);
    return [broadcast(x, shape)];
  },
  resolve: (_attributes, _inputs, shape) => ({ shape }),
  evaluate: ([x], { shape }) => [broadcastTo(x, broadcast(x.shape, shape) as number[])],
  gradient: (k, { inputs: [x], dy: [dy] }) => [unbroadcast(k, dy, k.shapeOf(x))],
  bounds: ([x], { shape }) => [movedBounds(x, (v) => broadcastTo(v, shape))],
  examples: [
    { shapes: [[3, 1]], attributes: { shape: [2, 3, 4] } },
    { shapes: [[]], attributes: { shape: [2] } },
    { shapes: [[2, 1]], attributes: { shape: [1, 1] } },
    { shapes: [[1]], attributes: { shape: [0] } },
  ],
};

export const methods = {
  /**
   * Repeated along axes of size 1 and new leading axes. No round.
   * @param shape new sizes; -1 leaves the size of an axis that x has
   * @returns the given shape
   * @throws ShapeError where x does not broadcast to it
   * @example x.expand([4, -1])
   */
  expand: (x: Shaped, shape: readonly number[]) => {
    const lead = shape.length - x.shape.length;
    return { attributes: { shape: shape.map((d, axis) => (d === -1 ? (x.shape[axis - lead] ?? d) : d)) } };
  },
};
