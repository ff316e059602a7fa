/** Which elements of an image a position between them takes, and with which weights. */
import { at } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';

const CUBIC = -0.75;

/** How GridSample interpolates. */
export interface Sampling {
  readonly spatial: readonly number[];
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly padding: 'zeros' | 'border' | 'reflection';
  readonly corners: boolean;
}

/** Reads the attributes of GridSample. */
export function readSampling(context: NodeContext, spatial: readonly number[]): Sampling {
  const given = context.string('mode', context.opset < 20 ? 'bilinear' : 'linear');
  const mode = given === 'bilinear' ? 'linear' : given === 'bicubic' ? 'cubic' : given;
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'cubic')
    return context.fail(`mode ${JSON.stringify(given)}`);
  const padding = context.string('padding_mode', 'zeros');
  if (padding !== 'zeros' && padding !== 'border' && padding !== 'reflection')
    return context.fail(`padding_mode ${JSON.stringify(padding)}`);
  return { spatial, mode, padding, corners: context.int('align_corners', 0) !== 0 };
}

/** Places of the image, row-major, with their weights. */
export function tapsOf(
  position: readonly number[],
  sampling: Sampling,
): readonly (readonly [place: number, weight: number])[] {
  let taps: (readonly [number, number])[] = [[0, 1]];
  sampling.spatial.forEach((size, axis) => {
    const along = alongAxis(at(position, axis), size, sampling);
    taps = taps.flatMap(([place, weight]) =>
      along.map(([index, factor]) => [place * size + index, weight * factor] as const),
    );
  });
  return taps;
}

function alongAxis(
  normal: number,
  size: number,
  { mode, padding, corners }: Sampling,
): (readonly [number, number])[] {
  const [low, high] = corners ? [0, size - 1] : [-0.5, size - 0.5];
  const inside = (v: number): number => (padding === 'reflection' ? reflected(v, low, high) : v);
  const raw = corners ? ((normal + 1) / 2) * (size - 1) : ((normal + 1) * size - 1) / 2;
  const x = inside(mode === 'nearest' ? halfToEven(raw) : raw);
  const first = Math.floor(x);
  const rest = x - first;
  const found: (readonly [number, number])[] =
    mode === 'nearest'
      ? [[Math.trunc(x), 1]]
      : mode === 'linear'
        ? [
            [first, 1 - rest],
            [first + 1, rest],
          ]
        : [-1, 0, 1, 2].map((step) => [first + step, cubicWeight(rest - step)] as const);
  return found.flatMap(([index, weight]) => {
    const own = Math.trunc(
      padding === 'border'
        ? Math.min(Math.max(index, 0), size - 1)
        : padding === 'reflection'
          ? reflected(index, low, high)
          : index,
    );
    return weight === 0 || own < 0 || own >= size ? [] : [[own, weight] as const];
  });
}

/** A number mirrored at the borders until it is between them. */
function reflected(v: number, low: number, high: number): number {
  const range = high - low;
  if (v >= low && v <= high) return v;
  if (range === 0) return low;
  const beyond = v < low ? low - v : v - high;
  const turns = Math.floor(beyond / range);
  const rest = beyond - turns * range;
  return (turns % 2 === 0) === v < low ? low + rest : high - rest;
}

function cubicWeight(x: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((CUBIC + 2) * d - (CUBIC + 3)) * d * d + 1;
  return d < 2 ? ((CUBIC * d - 5 * CUBIC) * d + 8 * CUBIC) * d - 4 * CUBIC : 0;
}

function halfToEven(v: number): number {
  const down = Math.floor(v);
  if (v - down !== 0.5) return Math.round(v);
  return down % 2 === 0 ? down : down + 1;
}
