/** Scales and shifts of channels, and normalisation by running statistics, with their gradients. */
import { type Attributes, type Linearization, stridesOf } from '@tacit/graph';
import type { FloatTensor, Machine } from '../machine.js';

/** Planes of `size` neighbours that belong to one channel. */
interface Planes {
  readonly channels: number;
  readonly planes: number;
  readonly size: number;
}

const planesOf = (shape: readonly number[], axis: number, channels: number, count: number): Planes => {
  const size = channels === 1 ? count : stridesOf(shape)[axis];
  return { channels, size, planes: size === 0 ? 0 : count / size };
};

/** x times a factor and plus a term, which follow the channel. */
function scaled(
  m: Machine,
  x: FloatTensor,
  { planes, channels, size }: Planes,
  factors: ArrayLike<number>,
  terms: ArrayLike<number> | undefined,
): FloatTensor {
  const y = m.take(x.shape);
  m.borrow(channels * 8, (numbers) => {
    m.singles(numbers, channels).set(factors);
    const second = m.singles(numbers + channels * 4, channels);
    if (terms) second.set(terms);
    else second.fill(0);
    m.at([y, x], (to, from) =>
      m.kernels.affinePlanes(to, from, numbers, numbers + channels * 4, planes, channels, size),
    );
  });
  return y;
}

/** For each channel the sum of dy and that of x dy, in double precision. */
function sums(
  m: Machine,
  x: FloatTensor,
  dy: FloatTensor,
  { planes, channels, size }: Planes,
): readonly [plain: Float64Array, weighted: Float64Array] {
  return m.borrow(channels * 16, (numbers) => {
    const both = m.doubles(numbers, channels * 2).fill(0);
    m.at([x, dy], (xs, ds) => {
      m.kernels.sumPlanes(numbers, ds, planes, channels, size);
      m.kernels.dotPlanes(numbers + channels * 8, xs, ds, planes, channels, size);
    });
    return [both.slice(0, channels), both.slice(channels)];
  });
}

export const affine = (
  m: Machine,
  [x, scale, shift]: readonly FloatTensor[],
  { axis }: Attributes<'Affine'>,
): readonly FloatTensor[] => [
  scaled(m, x, planesOf(x.shape, axis, scale.data.length, x.data.length), scale.data, shift.data),
];

export function affineGradient(
  m: Machine,
  {
    inputs: [x, scale, shift],
    dy: [dy],
    attributes: { axis },
    needed,
  }: Linearization<FloatTensor, Attributes<'Affine'>>,
): readonly (FloatTensor | undefined)[] {
  const planes = planesOf(x.shape, axis, scale.data.length, x.data.length);
  const dx = needed[0] ? scaled(m, dy, planes, scale.data, undefined) : undefined;
  if (!needed[1] && !needed[2]) return [dx, undefined, undefined];
  const [plain, weighted] = sums(m, x, dy, planes);
  return [dx, m.tensor(scale.shape, weighted), m.tensor(shift.shape, plain)];
}

/** Statistics as a factor and a term: 1 / sqrt(variance + epsilon) times scale, and what is left. */
function folded(
  [, scale, shift, mean, variance]: readonly FloatTensor[],
  { epsilon }: Attributes<'BatchNormalization'>,
): { readonly inverse: Float64Array; readonly factors: Float64Array; readonly terms: Float64Array } {
  const inverse = Float64Array.from(variance.data, (v) => 1 / Math.sqrt(v + epsilon));
  const factors = inverse.map((v, i) => v * scale.data[i]);
  return { inverse, factors, terms: factors.map((v, i) => shift.data[i] - v * mean.data[i]) };
}

export function batchNormalization(
  m: Machine,
  inputs: readonly FloatTensor[],
  attributes: Attributes<'BatchNormalization'>,
): readonly FloatTensor[] {
  const [x, scale] = inputs;
  const { factors, terms } = folded(inputs, attributes);
  const planes = planesOf(x.shape, 1, scale.data.length, x.data.length);
  return [scaled(m, x, planes, factors, terms)];
}

export function batchNormalizationGradient(
  m: Machine,
  { inputs, dy: [dy], attributes, needed }: Linearization<FloatTensor, Attributes<'BatchNormalization'>>,
): readonly (FloatTensor | undefined)[] {
  const [x, scale, , mean] = inputs;
  const { inverse, factors } = folded(inputs, attributes);
  const planes = planesOf(x.shape, 1, scale.data.length, x.data.length);
  const dx = needed[0] ? scaled(m, dy, planes, factors, undefined) : undefined;
  if (!needed.includes(true, 1)) return [dx, undefined, undefined, undefined, undefined];
  const [plain, weighted] = sums(m, x, dy, planes);
  const centred = weighted.map((v, i) => v - mean.data[i] * plain[i]);
  const vector = (wanted: boolean, values: Float64Array) =>
    wanted ? m.tensor(scale.shape, values) : undefined;
  return [
    dx,
    vector(
      needed[1],
      centred.map((v, i) => v * inverse[i]),
    ),
    vector(needed[2], plain),
    vector(
      needed[3],
      plain.map((v, i) => -v * factors[i]),
    ),
    vector(
      needed[4],
      centred.map((v, i) => -0.5 * v * factors[i] * inverse[i] ** 2),
    ),
  ];
}
