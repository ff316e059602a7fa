/** The cotangent of a maximum or minimum: all of it to the first element that has it. */
import type { Operations } from '../../operation/operations.js';
import { sizeOf } from '../../shape/dims.js';
import { countOf, keptAxes } from './broadcast-back.js';
import type { ReduceAttributes } from './reduction.js';

export function firstWinner<T>(
  k: Operations<T>,
  kind: 'max' | 'min',
  { x, index }: { readonly x: T /** Where it is, if that is known. */; readonly index?: T },
  dy: T,
  attributes: ReduceAttributes,
): T {
  const shape = k.shapeOf(x);
  const { axes } = attributes;
  const others = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  // The reduced axes as one, the last.
  const perm = [...others, ...axes];
  const count = countOf(shape, axes);
  const rows = others.map((i) => shape[i]);
  const flat = k.reshape(k.transpose(x, { perm }), { shape: [...rows, count], allowZero: true });
  const last = { axis: others.length, keepDims: true };
  const found = () => (kind === 'max' ? k.argMax(flat, last) : k.argMin(flat, last));
  const where = index ? k.reshape(index, { shape: [...rows, 1], allowZero: true }) : found();
  const positions = { shape: [count], data: Float64Array.from({ length: count }, (_, i) => i) };
  const wins = k.equal(where, positions);
  const moved = k.reshape(wins, { shape: perm.map((i) => shape[i]), allowZero: true });
  const inverse = perm.map((_, i) => perm.indexOf(i));
  return sizeOf(shape) === 0
    ? x
    : k.mul(k.transpose(moved, { perm: inverse }), keptAxes(k, dy, shape, attributes));
}
