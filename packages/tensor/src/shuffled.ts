/** Slices of a tensor in an order that nobody knows. */
import { normalizeAxis, sizeOf } from '@tacit/graph';
import { permute, slice } from '@tacit/ring';
import type { FixedPoint } from './fixed-point/fixed-point.js';

/**
 * The slices of an axis, moved by one permutation that nobody knows. What is left of weights moves along.
 * @param x value
 * @param axis axis; negative ones count from the back
 * @returns a value of the shape of x
 * @throws ShapeError where there is no such axis
 * @example shuffled(x.value, 0);
 */
export function shuffled(x: FixedPoint, axis: number): FixedPoint {
  const { engine, shape } = x;
  const own = normalizeAxis(axis, shape.length);
  const order = [own, ...shape.map((_, i) => i).filter((i) => i !== own)];
  const rows = shape[own];
  const width = sizeOf(shape) === 0 ? 0 : sizeOf(shape) / rows;
  const terms = x.rest ? [x, x.rest] : [x];
  // One row holds the slices of all terms.
  const flat = terms.map(({ share }) => {
    const moved = engine.view(share, permute(shape, order));
    const lanes = moved.reshaped([1, rows, width]);
    moved.dispose();
    return lanes;
  });
  const together = flat.length > 1 ? engine.concat(flat, 2) : flat[0];
  const mixed = engine.shuffle(together);
  const inverse = order.map((_, i) => order.indexOf(i));
  const shapes = order.map((i) => shape[i]);
  const [value, rest] = terms.map((term, i) => {
    const range = { start: i * width, stop: (i + 1) * width };
    const part = engine.view(mixed, slice(mixed.shape, [undefined, undefined, range]));
    const placed = part.reshaped(shapes);
    const made = term.with(engine.view(placed, permute(shapes, inverse)));
    made.scaled = term.scaled;
    for (const share of [part, placed]) share.dispose();
    return made;
  });
  for (const share of new Set([...flat, together, mixed])) share.dispose();
  return rest ? value.withRest(rest) : value;
}
