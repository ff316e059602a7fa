/** Resampling along axes: Resize, and Upsample before operator set 10. */
import {
  ASPECTS,
  type Attributes,
  at,
  COORDINATES,
  type OpenInts,
  RESIZE_MODES,
  ROUNDINGS,
  type Value,
} from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

type Options = Omit<Attributes<'Resize', 'model'>, 'scales' | 'sizes'>;

/** What Upsample and the Resize of operator set 10 do. */
const simple = (context: NodeContext): Options => ({
  aspect: 'stretch',
  mode: choice(context, 'mode', RESIZE_MODES, 'nearest'),
  coordinates: 'asymmetric',
  rounding: 'simple',
  cubic: -0.75,
  excludeOutside: false,
  antialias: false,
  region: [],
  outside: 0,
});

export const upsampleOnnx: OnnxOperator = {
  name: 'Upsample',
  opsets: [7, 9],
  note: 'mode nearest or linear; scales constant or computed from shapes',
  convert(context) {
    const x = context.input(0);
    const scales =
      context.opset < 9
        ? (context.floats('scales') ?? context.fail('scales is missing'))
        : context.publicInts(context.input(1), 'scales');
    context.result(context.emit('Resize', [x], { ...simple(context), scales, sizes: [] }));
  },
};

export const resizeOnnx: OnnxOperator = {
  name: 'Resize',
  opsets: [10, ALL_OPSETS[1]],
  note: 'nearest, linear, cubic; scales or sizes constant or computed from shapes; roi constant, with sizes',
  convert(context) {
    const x = context.input(0);
    if (context.opset === 10) {
      const scales = context.publicInts(context.input(1), 'scales');
      context.result(context.emit('Resize', [x], { ...simple(context), scales, sizes: [] }));
      return;
    }
    const options: Options = {
      aspect:
        context.opset < 18 ? 'stretch' : choice(context, 'keep_aspect_ratio_policy', ASPECTS, 'stretch'),
      mode: choice(context, 'mode', RESIZE_MODES, 'nearest'),
      coordinates: choice(context, 'coordinate_transformation_mode', COORDINATES, 'half_pixel'),
      rounding: choice(context, 'nearest_mode', ROUNDINGS, 'round_prefer_floor'),
      cubic: context.float('cubic_coeff_a', -0.75),
      excludeOutside: context.int('exclude_outside', 0) !== 0,
      antialias: context.opset >= 18 && context.int('antialias', 0) !== 0,
      region: [],
      outside: context.float('extrapolation_value', 0),
    };
    const rank = context.rank(x);
    const listed = context.opset < 18 ? undefined : context.ints('axes');
    const axes = listed?.map((axis) => (axis < 0 ? axis + rank : axis));
    if (listed) context.axes(listed, rank);
    const [scales, sizes] = [given(context, 2), given(context, 3)];
    const region = options.coordinates === 'tf_crop_and_resize' ? readRegion(context, axes, rank) : [];
    const most = {
      region,
      scales: scales ? openList(context, scales, 'scales', axes, rank, 1) : [],
      sizes: sizes ? openList(context, sizes, 'sizes', axes, rank, -1) : [],
    };
    context.result(context.emit('Resize', [x], { ...options, ...most }));
  },
};

/** The begins and ends of roi, for all axes. */
function readRegion(context: NodeContext, axes: readonly number[] | undefined, rank: number): number[] {
  const roi = context.constantInts(context.input(1), 'roi');
  const listed = axes ?? Array.from({ length: rank }, (_, axis) => axis);
  if (roi.length !== 2 * listed.length)
    context.fail(`roi has ${roi.length} bounds for ${listed.length} axes`);
  const region = Array.from({ length: 2 * rank }, (_, i): number => (i < rank ? 0 : 1));
  listed.forEach((axis, i) => {
    region[axis] = at(roi, i);
    region[axis + rank] = at(roi, i + listed.length);
  });
  return region;
}

/** An input that is there and not an empty list, as files write for one that is not meant. */
function given(context: NodeContext, index: number): Value | undefined {
  const value = context.optional(index);
  return value?.shape?.length === 1 && value.shape[0] === 0 ? undefined : value;
}

/** Numbers of some axes as numbers of all. */
function openList(
  context: NodeContext,
  value: Value,
  name: string,
  axes: readonly number[] | undefined,
  rank: number,
  other: number,
): OpenInts {
  const given = context.publicInts(value, name);
  if (!axes) return given;
  if (!Array.isArray(given)) return context.fail(`with axes, ${name} must be constant`);
  return Array.from({ length: rank }, (_, axis) => given[axes.indexOf(axis)] ?? other);
}

function choice<const C extends readonly string[]>(
  context: NodeContext,
  name: string,
  known: C,
  standard: C[number],
): C[number] {
  const value = context.string(name, standard);
  return known.includes(value)
    ? value
    : context.fail(`${name} is ${JSON.stringify(value)} instead of one of ${known.join(', ')}`);
}
