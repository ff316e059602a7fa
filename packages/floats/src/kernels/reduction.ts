/** Sums and means, in double precision on the way. */
import type { Attributes } from '@tacit/graph';
import type { FloatTensor, Machine } from '../machine.js';
import { planesOf } from './planes.js';

type Run<A> = (
  m: Machine,
  inputs: readonly FloatTensor[],
  attributes: A,
  shapes: readonly (readonly number[])[],
) => readonly FloatTensor[];

/** Sums over all axes but neighbouring ones, divided; undefined for other axes. */
function summed(
  m: Machine,
  x: FloatTensor,
  axes: readonly number[],
  shape: readonly number[],
  mean: boolean,
): FloatTensor | undefined {
  const planes = planesOf(
    x.shape,
    x.shape.map((_, axis) => !axes.includes(axis)),
  );
  if (!planes || x.data.length === 0) return undefined;
  const { outer, middle, inner } = planes;
  return m.borrow(middle * 8, (at) => {
    const sums = m.doubles(at, middle).fill(0);
    m.at([x], (from) => m.kernels.sumPlanes(at, from, outer * middle, middle, inner));
    return m.tensor(shape, mean ? sums.map((v) => v / (outer * inner)) : sums);
  });
}

/** A reduction, which stands aside where the axes that stay are no neighbours. */
export const reduction =
  (mean: boolean, otherwise: Run<Attributes<'ReduceSum'>>): Run<Attributes<'ReduceSum'>> =>
  (m, [x], attributes, shapes) => {
    const found = summed(m, x, attributes.axes, shapes[0], mean);
    return found ? [found] : otherwise(m, [x], attributes, shapes);
  };

/** The mean of each plane. */
export const globalAveragePool =
  (otherwise: Run<object>): Run<object> =>
  (m, [x], attributes, shapes) => {
    const axes = x.shape.slice(2).map((_, i) => i + 2);
    const found = summed(m, x, axes, shapes[0], true);
    return found ? [found] : otherwise(m, [x], attributes, shapes);
  };
