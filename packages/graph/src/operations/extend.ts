/** Padding with a value's own elements: mirrored, its edge, or from the other end. Local. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import { mapDim, UNKNOWN } from '../shape/dims.js';
import { picked, takeAxes } from './shared/take-axes.js';

export const EXTEND_MODES = ['reflect', 'edge', 'wrap'] as const;
export type ExtendMode = (typeof EXTEND_MODES)[number];

interface ExtendAttributes<L = readonly number[]> {
  /** Over all axes: all begins, then all ends; negative amounts crop. */
  readonly pads: L;
  /** Mirrored at the first and last element, those, or from the other end. */
  readonly mode: ExtendMode;
}

export const definition: OperationDefinition<'Extend', ExtendAttributes, ExtendAttributes<OpenInts>> = {
  op: 'Extend',
  summary: 'padding with own elements: mirrored, the edge, or from the other end',
  attributes: { pads: 'public', mode: EXTEND_MODES },
  arity: [1, 1],
  moves: true,
  infer([x], { pads }) {
    if (pads.length !== 2 * x.length)
      throw new ShapeError(`${pads.length} amounts of padding for ${x.length} axes`);
    if (!Array.isArray(pads)) return [x.map(() => UNKNOWN)];
    return [
      x.map((dim, axis) =>
        mapDim(dim, (size) => {
          const [before, after] = [pads[axis], pads[axis + x.length]];
          const extended = size + before + after;
          const kept = size + Math.min(0, before) + Math.min(0, after);
          if (!Number.isSafeInteger(extended) || kept < 0)
            throw new ShapeError(`padding [${pads.join(', ')}] of size ${size}`);
          if (kept === 0 && extended > 0)
            throw new ShapeError(
              `padding [${pads.join(', ')}] needs an element to repeat along axis ${axis}`,
            );
          return extended;
        }),
      ),
    ];
  },
  evaluate: ([x], attributes) => [picked(x, positions(x, attributes))],
  expand: (k, [x], attributes) => [takeAxes(k, x, positions({ shape: k.shapeOf(x) }, attributes))],
  examples: [
    { shapes: [[3, 4]], attributes: { pads: [1, 2, 0, 3], mode: 'reflect' } },
    { shapes: [[2, 3]], attributes: { pads: [0, 2, 1, 1], mode: 'edge' } },
    { shapes: [[2, 3]], attributes: { pads: [0, 1, 2, 2], mode: 'wrap' } },
    { shapes: [[4]], attributes: { pads: [-1, 2], mode: 'reflect' } },
    { shapes: [[1, 2]], attributes: { pads: [1, 0, 1, 5], mode: 'reflect' } },
    { shapes: [[0]], attributes: { pads: [0, 0], mode: 'edge' } },
  ],
};

/** For each axis, the positions that its result is taken from. */
function positions({ shape }: Pick<PlainTensor, 'shape'>, { pads, mode }: ExtendAttributes): number[][] {
  return shape.map((size, axis) => {
    const [before, after] = [pads[axis], pads[axis + shape.length]];
    // What is cropped does not come back by mirroring.
    const [first, count] = [Math.max(0, -before), size + Math.min(0, before) + Math.min(0, after)];
    return Array.from(
      { length: size + before + after },
      (_, i) => first + within(i - Math.max(0, before), count, mode),
    );
  });
}

const modulo = (i: number, n: number) => ((i % n) + n) % n;

/** A position of 0..size-1 for any whole number. */
function within(i: number, size: number, mode: ExtendMode): number {
  if (mode === 'wrap') return modulo(i, size);
  if (mode === 'edge' || size === 1) return Math.min(Math.max(i, 0), size - 1);
  const place = modulo(i, 2 * size - 2);
  return place < size ? place : 2 * size - 2 - place;
}
