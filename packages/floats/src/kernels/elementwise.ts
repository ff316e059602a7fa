/** Functions of each element, with the gradients that would otherwise take several passes. */
import { type Attributes, type Linearization, sameShape } from '@tacit/graph';
import type { Kernels } from '../kernels.js';
import type { FloatTensor, Machine } from '../machine.js';

type Both = 'addAll' | 'subAll' | 'mulAll';

/** A kernel of two operands, which stands aside where one of them is broadcast. */
export const ofTwo =
  (name: Both, otherwise: (inputs: readonly FloatTensor[]) => readonly FloatTensor[]) =>
  (m: Machine, inputs: readonly FloatTensor[]): readonly FloatTensor[] => {
    const [a, b] = inputs;
    if (!sameShape(a.shape, b.shape)) return otherwise(inputs);
    const out = m.take(a.shape);
    const run: Kernels[Both] = m.kernels[name];
    m.at([out, a, b], (to, x, y) => run(to, x, y, out.data.length));
    return [out];
  };

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
