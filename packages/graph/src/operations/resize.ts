/** Resampled along axes: nearest elements, or linear or cubic interpolation, as sums with public weights. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import { type PlainTensor, plainTensor, zip } from '../plain/plain-tensor.js';
import { type Dim, mapDim, type Shape, show, sizeOf, UNKNOWN } from '../shape/dims.js';
import { mapAxis, mapAxisPlain, type Taps } from './shared/map-axis.js';

export const RESIZE_MODES = ['nearest', 'linear', 'cubic'] as const;
export const COORDINATES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_half_pixel_for_nn',
  'tf_crop_and_resize',
] as const;
/** 'simple' is what operator set 10 of ONNX means: up where the axis gets shorter, down where it gets longer. */
export const ROUNDINGS = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil', 'simple'] as const;
export const ASPECTS = ['stretch', 'not_larger', 'not_smaller'] as const;

interface ResizeAttributes<L = readonly number[]> {
  /** One an axis; empty where sizes are given. */
  readonly scales: L;
  /** One an axis, -1 for an axis that stays; empty where scales are given. */
  readonly sizes: L;
  /** Whether sizes are those of the result, or the largest or smallest that it may have with one scale for all axes. */
  readonly aspect: (typeof ASPECTS)[number];
  readonly mode: (typeof RESIZE_MODES)[number];
  /** Which position of the input belongs to one of the result. */
  readonly coordinates: (typeof COORDINATES)[number];
  /** Which neighbour is the nearest. */
  readonly rounding: (typeof ROUNDINGS)[number];
  /** The parameter of cubic interpolation. */
  readonly cubic: number;
  /** Elements outside have no weight, instead of that of the edge. */
  readonly excludeOutside: boolean;
  /** Wider filters where an axis gets shorter. */
  readonly antialias: boolean;
  /** For tf_crop_and_resize: which part of each axis is resampled, all begins, then all ends, 1 being the last element; else empty. */
  readonly region: L;
  /** For tf_crop_and_resize: the value outside the axis. */
  readonly outside: number;
}

/** What an axis becomes. */
interface Axis {
  readonly size: number;
  readonly out: number;
  readonly scale: number;
  /** Begin and end of the part that is resampled, if that is not the whole. */
  readonly region: readonly [number, number] | undefined;
}

export const definition: OperationDefinition<'Resize', ResizeAttributes, ResizeAttributes<OpenInts>> = {
  op: 'Resize',
  summary: 'resampled along axes: nearest, linear or cubic',
  attributes: {
    scales: 'publicNumbers',
    sizes: 'public',
    aspect: ASPECTS,
    mode: RESIZE_MODES,
    coordinates: COORDINATES,
    rounding: ROUNDINGS,
    cubic: 'number',
    excludeOutside: 'bool',
    antialias: 'bool',
    region: 'publicNumbers',
    outside: 'number',
  },
  arity: [1, 1],
  infer([x], attributes) {
    const { scales, sizes, aspect } = attributes;
    if (
      [scales, sizes].filter(({ length }) => length > 0).length !== Math.min(1, x.length) ||
      Math.max(scales.length, sizes.length) !== x.length
    )
      throw new ShapeError(`${scales.length} scales and ${sizes.length} sizes: one for each of ${show(x)}`);
    const { coordinates, region } = attributes;
    if (region.length !== (coordinates === 'tf_crop_and_resize' ? 2 * x.length : 0))
      throw new ShapeError(`a region of ${region.length} bounds for ${show(x)}, by ${coordinates}`);
    if (!Array.isArray(scales) || !Array.isArray(sizes) || !Array.isArray(region))
      return [x.map(() => UNKNOWN)];
    if (!region.every(Number.isFinite)) throw new ShapeError(`a region [${region}]`);
    // Whether the scale is that of the part or of the axis, definitions do not agree on.
    if (scales.some((_, i) => regionOf(region, i) !== undefined))
      throw new ShapeError('a region goes with sizes, not with scales');
    if (!scales.every((scale) => Number.isFinite(scale) && scale > 0))
      throw new ShapeError(`scales are positive, not [${scales}]`);
    if (scales.length > 0)
      return [
        x.map((dim, i) => (scales[i] === 1 ? dim : mapDim(dim, (d) => checked(d, outOf(d, scales[i]))))),
      ];
    if (!sizes.every((size) => Number.isSafeInteger(size) && size >= -1))
      throw new ShapeError(`sizes are whole numbers, or -1, not [${sizes}]`);
    const resized = sizesOf(x, sizes, aspect);
    return [resized.map((dim, i) => (typeof dim === 'number' ? mapDim(x[i], (d) => checked(d, dim)) : dim))];
  },
  resolve(attributes, [x], output) {
    const { scales, sizes, aspect, region } = attributes;
    if (!Array.isArray(scales) || !Array.isArray(sizes) || !Array.isArray(region))
      throw new ShapeError('the sizes are not known');
    // With one scale for all axes, it is that of the axis that decides.
    const named = aspect === 'stretch' ? output.map((d, i) => (d === x[i] ? -1 : d)) : sizes;
    return { ...attributes, scales, region, sizes: scales.length > 0 ? [] : named };
  },
  evaluate([x], attributes) {
    const axes = axesOf(x.shape, attributes);
    const y = axes.reduce(
      (value, axis, i) => (stays(axis) ? value : mapAxisPlain(value, i, tapsOf(axis, attributes))),
      x,
    );
    const added = beyond(axes, attributes);
    return [added ? zip(y, added, (a, b) => a + b) : y];
  },
  expand(k, [x], attributes) {
    const axes = axesOf(k.shapeOf(x), attributes);
    const y = axes.reduce(
      (value, axis, i) => (stays(axis) ? value : mapAxis(k, value, i, tapsOf(axis, attributes))),
      k.identity(x),
    );
    const added = beyond(axes, attributes);
    return [added ? k.add(y, added) : y];
  },
  examples: [
    { shapes: [[1, 1, 2, 3]], attributes: example({ scales: [1, 1, 2, 2], mode: 'nearest' }) },
    { shapes: [[1, 1, 3, 4]], attributes: example({ scales: [1, 1, 2, 0.5], mode: 'linear' }) },
    {
      shapes: [[2, 4, 3]],
      attributes: example({ sizes: [-1, 7, 2], mode: 'linear', coordinates: 'align_corners' }),
    },
    { shapes: [[4, 4]], attributes: example({ sizes: [3, 9], mode: 'cubic' }) },
    {
      shapes: [[5, 4]],
      attributes: example({ sizes: [3, 9], mode: 'cubic', excludeOutside: true, antialias: true }),
    },
    {
      shapes: [[4, 6]],
      attributes: example({ sizes: [3, 3], mode: 'linear', antialias: true, aspect: 'not_larger' }),
    },
    { shapes: [[1, 3]], attributes: example({ scales: [1, 1], mode: 'nearest' }) },
    {
      shapes: [[4, 5]],
      attributes: example({
        sizes: [3, 4],
        mode: 'linear',
        coordinates: 'tf_crop_and_resize',
        region: [0.4, 0.6, 0.6, 1.2],
        outside: 0.5,
      }),
    },
  ],
};

function example(given: Partial<ResizeAttributes>): ResizeAttributes {
  return {
    scales: [],
    sizes: [],
    aspect: 'stretch',
    mode: 'nearest',
    coordinates: 'half_pixel',
    rounding: 'round_prefer_floor',
    cubic: -0.75,
    excludeOutside: false,
    antialias: false,
    region: [],
    outside: 0,
    ...given,
  };
}

/** In single precision, as files hold scales and onnxruntime multiplies: a scale of 7 / 3 makes 7 of 3. */
const outOf = (size: number, scale: number) => Math.floor(Math.fround(Math.fround(scale) * size));

/** @throws ShapeError where nothing would become something */
function checked(size: number, out: number): number {
  if ((size === 0 && out > 0) || !Number.isSafeInteger(out))
    throw new ShapeError(`a size of ${size} does not become ${out}`);
  return out;
}

/** The scale that all axes share, if they do. */
function commonScale(x: readonly number[], sizes: readonly number[], aspect: ResizeAttributes['aspect']) {
  const scales = sizes.flatMap((size, i) => (size === -1 ? [] : [size / x[i]]));
  return aspect === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
}

function sizesOf(x: Shape, sizes: readonly number[], aspect: ResizeAttributes['aspect']): Dim[] {
  if (aspect === 'stretch') return x.map((dim, i) => (sizes[i] === -1 ? dim : sizes[i]));
  if (x.some((dim, i) => sizes[i] !== -1 && typeof dim !== 'number'))
    return x.map((dim, i) => (sizes[i] === -1 ? dim : UNKNOWN));
  const scale = commonScale(x as readonly number[], sizes, aspect);
  return x.map((dim, i) => (sizes[i] === -1 ? dim : Math.floor(scale * (dim as number) + 0.5)));
}

function axesOf(shape: readonly number[], attributes: ResizeAttributes): Axis[] {
  const [out] = definition.infer([shape], attributes) as number[][];
  const { scales, sizes, aspect, region } = attributes;
  const common = aspect === 'stretch' ? undefined : commonScale(shape, sizes, aspect);
  return shape.map((size, i) => ({
    size,
    out: out[i],
    scale: scales[i] ?? (sizes[i] === -1 ? 1 : (common ?? out[i] / size)),
    region: regionOf(region, i),
  }));
}

/** Begin and end of the part of an axis that a region names; undefined for the whole axis. */
function regionOf(region: readonly number[], axis: number): readonly [number, number] | undefined {
  const [begin, end] = [region[axis], region[axis + region.length / 2]];
  return region.length === 0 || (begin === 0 && end === 1) ? undefined : [begin, end];
}

const stays = ({ size, out, scale, region }: Axis) =>
  region === undefined && size === out && (scale === 1 || size === 0);

/** Whether a place of the result lies outside of the input. */
const isBeyond = (i: number, axis: Axis): boolean => {
  if (axis.region === undefined) return false;
  const x = coordinate(i, axis, 'tf_crop_and_resize');
  return x < 0 || x > axis.size - 1;
};

/** What lies outside, and zeros elsewhere; undefined if nothing does. */
function beyond(axes: readonly Axis[], { outside }: ResizeAttributes): PlainTensor | undefined {
  if (outside === 0 || axes.every(({ region }) => region === undefined)) return undefined;
  const shape = axes.map(({ out }) => out);
  const flags = axes.map((axis) => Array.from({ length: axis.out }, (_, i) => isBeyond(i, axis)));
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => {
    const found = flags.some((own, axis) => own[Math.floor(i / sizeOf(shape.slice(axis + 1))) % shape[axis]]);
    return found ? outside : 0;
  });
  return plainTensor(shape, values);
}

/** In single precision, as onnxruntime computes it: whether the last element is still inside depends on it. */
function inRegion(i: number, last: number, lastOut: number, [begin, end]: readonly [number, number]): number {
  const f = Math.fround;
  if (lastOut < 1) return f(f(f(f(begin) + f(end)) / 2) * last);
  const part = f(f(f(i * f(f(end) - f(begin))) * last) / lastOut);
  return f(f(f(begin) * last) + part);
}

/** For each place of the result, where in the input it lies. */
function coordinate(
  i: number,
  { size, out, scale, region = [0, 1] }: Axis,
  mode: ResizeAttributes['coordinates'],
): number {
  const width = scale * size;
  switch (mode) {
    case 'tf_crop_and_resize':
      return inRegion(i, size - 1, out - 1, region);
    case 'align_corners':
      return width === 1 ? 0 : (i * (size - 1)) / (width - 1);
    case 'asymmetric':
      return i / scale;
    case 'tf_half_pixel_for_nn':
      return (i + 0.5) / scale;
    case 'pytorch_half_pixel':
      return width === 1 ? -0.5 : (i + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric':
      return (size / 2) * (1 - out / width) + (i + 0.5) / scale - 0.5;
    default:
      return (i + 0.5) / scale - 0.5;
  }
}

function nearest(x: number, { scale }: Axis, rounding: ResizeAttributes['rounding']): number {
  switch (rounding) {
    case 'round_prefer_floor':
      return Math.ceil(x - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5);
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    default:
      return scale < 1 ? Math.ceil(x) : Math.floor(x);
  }
}

/** Keys: "Cubic convolution interpolation for digital image processing", IEEE TASSP 29 (1981), with its parameter a. */
function cubicWeight(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function tapsOf(axis: Axis, attributes: ResizeAttributes): Taps[] {
  const { mode, cubic, antialias, excludeOutside } = attributes;
  const inside = (position: number) => Math.min(Math.max(position, 0), axis.size - 1);
  const weightOf =
    mode === 'cubic' ? (d: number) => cubicWeight(d, cubic) : (d: number) => Math.max(0, 1 - Math.abs(d));
  const narrow = antialias ? Math.min(1, axis.scale) : 1;
  const reach = (mode === 'cubic' ? 2 : 1) / narrow;
  return Array.from({ length: axis.out }, (_, i): Taps => {
    if (isBeyond(i, axis)) return [];
    const x = coordinate(i, axis, attributes.coordinates);
    if (mode === 'nearest') return [[inside(nearest(x, axis, attributes.rounding)), 1]];
    const first = Math.floor(x - reach) + 1;
    const taps = Array.from({ length: Math.ceil(x + reach) - first }, (__, j) => {
      const position = first + j;
      const left = excludeOutside && position !== inside(position);
      return [inside(position), left ? 0 : weightOf((position - x) * narrow)] as const;
    }).filter(([, weight]) => weight !== 0);
    const total = taps.reduce((sum, [, weight]) => sum + weight, 0);
    // Weights of interpolation add up to 1 by themselves, but for rounding.
    const own = antialias || excludeOutside ? total : 1;
    return taps.map(([position, weight]) => [position, weight / own]);
  });
}
