/** Functions of each element, with the gradients that would otherwise take several passes. */
import { type Attributes, type Linearization, sameShape } from '@tacit/graph';
import type { Kernels } from '../kernels.js';
import type { FloatTensor, Machine } from '../machine.js';
import { planesOf } from './planes.js';

type Both = 'addAll' | 'subAll' | 'mulAll';

/** A kernel of two operands of one shape, and what it does to two numbers. */
const BOTH: { readonly [K in Both]: (x: number, y: number) => number } = {
  addAll: (x, y) => x + y,
  subAll: (x, y) => x - y,
  mulAll: (x, y) => x * y,
};

/** A kernel of two operands. One of them may be repeated along axes before and behind; other broadcasts are left aside. */
export const ofTwo =
  (
    name: Both,
    otherwise: (inputs: readonly FloatTensor[], shape: readonly number[]) => readonly FloatTensor[],
  ) =>
  (
    m: Machine,
    inputs: readonly FloatTensor[],
    _: object,
    [shape]: readonly (readonly number[])[],
  ): readonly FloatTensor[] => {
    const [a, b] = inputs;
    const out = m.take(shape);
    if (sameShape(a.shape, b.shape)) {
      const run: Kernels[Both] = m.kernels[name];
      m.at([out, a, b], (to, x, y) => run(to, x, y, out.data.length));
      return [out];
    }
    const compute = BOTH[name];
    if (repeated(out, a, b, compute) || repeated(out, b, a, (y, x) => compute(x, y))) return [out];
    m.dispose(out);
    return otherwise(inputs, shape);
  };

/** Fills `out` where `whole` has its shape and `part` is the same for axes before and behind its own. */
function repeated(
  out: FloatTensor,
  whole: FloatTensor,
  part: FloatTensor,
  compute: (x: number, y: number) => number,
): boolean {
  if (!sameShape(out.shape, whole.shape)) return false;
  const lead = out.shape.length - part.shape.length;
  const planes = planesOf(
    out.shape,
    out.shape.map((_, axis) => axis >= lead && part.shape[axis - lead] !== 1),
  );
  if (!planes) return false;
  const { outer, middle, inner } = planes;
  let at = 0;
  for (let i = 0; i < outer; i++)
    for (let j = 0; j < middle; j++) {
      const y = part.data[j];
      for (const end = at + inner; at < end; at++) out.data[at] = compute(whole.data[at], y);
    }
  return true;
}

export function relu(m: Machine, [x]: readonly FloatTensor[], _: object, shapes: readonly unknown[]) {
  const [out] = clip(m, [x], { min: 0, max: null });
  if (shapes.length < 2) return [out];
  const positive = m.take(x.shape);
  for (let i = 0; i < x.data.length; i++) positive.data[i] = x.data[i] > 0 ? 1 : 0;
  return [out, positive];
}

export function reluGradient(
  m: Machine,
  { inputs: [x], dy: [dy] }: Linearization<FloatTensor, object>,
): readonly FloatTensor[] {
  const out = m.take(x.shape);
  m.at([out, x, dy], (to, from, flowing) => m.kernels.passAbove(to, from, flowing, x.data.length, 0));
  return [out];
}

export function clip(
  m: Machine,
  [x]: readonly FloatTensor[],
  { min, max }: Attributes<'Clip'>,
): readonly FloatTensor[] {
  const out = m.take(x.shape);
  m.at([out, x], (to, from) => m.kernels.clipAll(to, from, x.data.length, min ?? -Infinity, max ?? Infinity));
  return [out];
}

export function clipGradient(
  m: Machine,
  { inputs: [x], dy: [dy], attributes: { min, max } }: Linearization<FloatTensor, Attributes<'Clip'>>,
): readonly FloatTensor[] {
  const out = m.take(x.shape);
  m.at([out, x, dy], (to, from, flowing) =>
    m.kernels.passWithin(to, from, flowing, x.data.length, min ?? -Infinity, max ?? Infinity),
  );
  return [out];
}
