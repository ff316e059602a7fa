/** Axes in another order: matrices by a kernel, everything else element by element. */
import { type Attributes, gatherStrided, stridesOf } from '@tacit/graph';
import type { FloatTensor, Machine } from '../machine.js';

export function transpose(
  m: Machine,
  [x]: readonly FloatTensor[],
  { perm }: Attributes<'Transpose'>,
  [shape]: readonly (readonly number[])[],
): readonly FloatTensor[] {
  const cut = cutOf(perm);
  const strides = stridesOf(x.shape);
  if (cut === undefined) {
    const steps = perm.map((axis) => strides[axis]);
    return [m.tensor(shape, gatherStrided(x.data, shape, steps).data)];
  }
  const y = m.take(shape);
  const { lead, split } = cut;
  const size = (from: number, to: number) => x.shape.slice(from, to).reduce((product, d) => product * d, 1);
  const [rows, columns] = [size(lead, split), size(split, x.shape.length)];
  m.at([y, x], (to, from) => {
    for (let i = 0; i < y.data.length; i += rows * columns)
      m.kernels.transposeMatrix(to + i * 4, from + i * 4, rows, columns);
  });
  return [y];
}

/** Where two groups of neighbouring axes behind `lead` others change places: 0, …, split, …, last, lead, …, split - 1. */
function cutOf(perm: readonly number[]): { readonly lead: number; readonly split: number } | undefined {
  let lead = 0;
  while (lead < perm.length && perm[lead] === lead) lead++;
  if (lead === perm.length) return { lead: 0, split: perm.length };
  const split = perm[lead];
  const second = perm.length - split;
  const fits = perm.every((axis, i) => {
    if (i < lead) return true;
    return axis === (i < lead + second ? split + i - lead : i - second);
  });
  return fits ? { lead, split } : undefined;
}
