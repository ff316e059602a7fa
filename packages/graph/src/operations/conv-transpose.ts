/**
 * Transposed convolution over one or two spatial axes: the cotangent of a convolution, which is a convolution of the input
 * with zeros between its elements.
 */
import { ShapeError } from '@tacit/errors';
import type { OpenPads } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import type { Operations } from '../operation/operations.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import { at, type Dim, mapDim, mayEqual, type Shape, show, sizeOf } from '../shape/dims.js';
import { type SamePads, windowReach } from '../shape/window.js';
import { type Conv1dOptions, type ConvAttributes, type ConvOptions, kernelOf } from './conv.js';
import { flip, inputCotangent } from './shared/convolution-gradient.js';
import { windowAttributes } from './shared/window-options.js';

interface ConvTransposeAttributes<L = readonly number[]> extends ConvAttributes<L> {
  /** Widens the end of each axis, before pads crop. */
  readonly outputPadding: readonly number[];
}

export const definition: OperationDefinition<
  'ConvTranspose',
  ConvTransposeAttributes,
  ConvTransposeAttributes<OpenPads>
> = {
  op: 'ConvTranspose',
  summary: '1-d or 2-d transposed convolution; W [in, out / group, ...kernel]',
  attributes: {
    kernel: 'sizes',
    strides: 'sizes',
    dilations: 'sizes',
    pads: 'pads',
    group: 'size',
    outputPadding: 'axes',
  },
  arity: [2, 3],
  factors: [0, 1],
  infer([x, weight, bias], attributes) {
    const { group, kernel } = attributes;
    const axes = kernel.length;
    if (axes < 1 || axes > 2 || x.length !== axes + 2 || weight.length !== axes + 2)
      throw new ShapeError(`weights ${show(weight)} do not convolve ${show(x)}`);
    const channels = at(weight, 0);
    if (!mayEqual(at(x, 1), channels))
      throw new ShapeError(`weights ${show(weight)} are not for the channels of ${show(x)}`);
    if (typeof channels === 'number' && channels % group !== 0)
      throw new ShapeError(`${channels} channels do not split into ${group} groups`);
    if (kernel.some((size, axis) => !mayEqual(size, at(weight, axis + 2))))
      throw new ShapeError(`a kernel ${show(kernel)} is not that of weights ${show(weight)}`);
    const outputs = mapDim(at(weight, 1), (size) => size * group);
    if (bias !== undefined && (bias.length !== 1 || !mayEqual(at(bias, 0), outputs)))
      throw new ShapeError(`a bias ${show(bias)} does not fit weights ${show(weight)}`);
    return [[at(x, 0), outputs, ...spatialSizes(x.slice(2), attributes)]];
  },
  resolve(attributes, [x]) {
    const { pads } = attributes;
    if (typeof pads !== 'string') return { ...attributes, pads };
    return { ...attributes, ...transposedPads(pads, x.slice(2), attributes) };
  },
  evaluate([x, weight, bias], attributes) {
    const shapes = [x, weight, ...(bias ? [bias] : [])].map((input) => input.shape);
    const [shape] = definition.infer(shapes, attributes) as number[][];
    return [spreadOver(x, weight, bias, shape, attributes)];
  },
  expand(k, [x, weight, bias], attributes) {
    const shapes = [x, weight].map((input) => k.shapeOf(input));
    const [shape] = definition.infer(shapes, attributes) as number[][];
    const y = splits(attributes)
      ? interleaved(k, x, weight, attributes)
      : inputCotangent(k, shape, weight, x, attributes);
    if (bias === undefined) return [y];
    const channels = [at(shape, 1), ...attributes.kernel.map(() => 1)];
    return [k.add(y, k.reshape(bias, { shape: channels, allowZero: true }))];
  },
  examples: [
    {
      shapes: [[2, 2, 3, 2], [2, 3, 3, 2], [3]],
      attributes: {
        kernel: [3, 2],
        strides: [2, 1],
        dilations: [1, 1],
        pads: [1, 0, 1, 1],
        group: 1,
        outputPadding: [1, 0],
      },
    },
    {
      shapes: [
        [1, 4, 2, 3],
        [4, 1, 2, 2],
      ],
      attributes: {
        kernel: [2, 2],
        strides: [3, 1],
        dilations: [2, 1],
        pads: [0, 0, 0, 0],
        group: 2,
        outputPadding: [0, 0],
      },
    },
    {
      shapes: [[1, 2, 4], [2, 2, 3], [4]],
      attributes: {
        kernel: [3],
        strides: [2],
        dilations: [2],
        pads: [2, 3],
        group: 2,
        outputPadding: [1],
      },
    },
    {
      shapes: [
        [2, 4, 2, 3],
        [4, 3, 4, 2],
      ],
      attributes: {
        kernel: [4, 2],
        strides: [2, 2],
        dilations: [1, 1],
        pads: [1, 0, 2, 1],
        group: 2,
        outputPadding: [1, 0],
      },
    },
    {
      shapes: [
        [0, 1, 3],
        [1, 2, 2],
      ],
      attributes: { kernel: [2], strides: [1], dilations: [1], pads: [0, 0], group: 1, outputPadding: [0] },
    },
  ],
};

/** Whether each stride divides its kernel, so that all positions of the result see as many taps. */
const splits = ({ kernel, strides, dilations }: ConvTransposeAttributes): boolean =>
  strides.some((stride) => stride > 1) &&
  kernel.every((size, i) => dilations[i] === 1 && size % strides[i] === 0);

/**
 * Without zeros between elements, which would be computed with and sent: every stride-th tap belongs to every stride-th
 * position of the result, so these are channels of a convolution, put beside each other (Shi et al.: "Real-time single
 * image and video super-resolution using an efficient sub-pixel convolutional neural network", CVPR 2016).
 */
function interleaved<T>(
  k: Operations<T>,
  x: T,
  weight: T,
  { kernel, strides, pads, group, outputPadding }: ConvTransposeAttributes,
): T {
  const [channels, perGroup] = k.shapeOf(weight);
  const axes = kernel.map((_, i) => i);
  const taps = axes.map((i) => kernel[i] / strides[i]);
  const reshape = (value: T, shape: readonly number[]) => k.reshape(value, { shape, allowZero: true });
  const split = reshape(weight, [
    group,
    channels / group,
    perGroup,
    ...axes.flatMap((i) => [taps[i], strides[i]]),
  ]);
  const phases = k.transpose(split, {
    perm: [0, 2, ...axes.map((i) => 2 * i + 4), 1, ...axes.map((i) => 2 * i + 3)],
  });
  const outputs = group * perGroup;
  const stacked = reshape(phases, [outputs * sizeOf(strides), channels / group, ...taps]);
  const ones = axes.map(() => 1);
  const reach = taps.map((count) => count - 1);
  const y = k.conv(x, flip(k, stacked, axes.length), {
    kernel: taps,
    strides: ones,
    dilations: ones,
    pads: [...reach, ...reach],
    group,
  });
  const [batch, , ...size] = k.shapeOf(y);
  const apart = reshape(y, [batch, outputs, ...strides, ...size]);
  const beside = k.transpose(apart, {
    perm: [0, 1, ...axes.flatMap((i) => [2 + axes.length + i, 2 + i])],
  });
  const full = reshape(beside, [batch, outputs, ...axes.map((i) => size[i] * strides[i])]);
  const crop = [
    ...axes.map((i) => 0 - pads[i]),
    0,
    0,
    ...axes.map((i) => outputPadding[i] - pads[i + axes.length]),
  ];
  return k.pad(full, { pads: [0, 0, ...crop], value: 0 });
}

type Sizes = Pick<
  ConvTransposeAttributes<OpenPads>,
  'kernel' | 'strides' | 'dilations' | 'pads' | 'outputPadding'
>;

function spatialSizes(spatial: Shape, attributes: Sizes): Dim[] {
  const { kernel, strides, dilations, pads, outputPadding } = attributes;
  const axes = kernel.length;
  if ([strides, dilations, outputPadding].some((list) => list.length !== axes))
    throw new ShapeError(`strides, dilations and output padding are one for each of ${axes} axes`);
  if (typeof pads !== 'string' && pads.length !== 2 * axes)
    throw new ShapeError(`pads [${pads}] are not two amounts for each of ${axes} axes`);
  return spatial.map((dim, axis) =>
    mapDim(dim, (size) => {
      if (size === 0) throw new ShapeError(`axis ${axis + 2} has no element`);
      if (typeof pads === 'string') return size * at(strides, axis);
      const full = (size - 1) * at(strides, axis) + windowReach(attributes, axis) + at(outputPadding, axis);
      const cropped = full - at(pads, axis) - at(pads, axis + axes);
      if (cropped < 1) throw new ShapeError(`pads [${pads}] crop all of the ${full} along axis ${axis + 2}`);
      return cropped;
    }),
  );
}

/**
 * Pads for which a transposed convolution has the wanted sizes, and output padding where the kernel does not reach them.
 * @param mode whether the odd one goes last or first
 * @param spatial sizes of the spatial axes
 * @param attributes kernel, strides, dilations and output padding
 * @param wanted sizes of the result; by default the input's times the stride
 * @returns pads (all begins, then all ends) and output padding
 * @example transposedPads('SAME_UPPER', [3], { kernel: [3], strides: [2], dilations: [1], outputPadding: [0] }).pads; // [ 0, 1 ]
 */
export function transposedPads(
  mode: SamePads,
  spatial: readonly number[],
  attributes: Omit<Sizes, 'pads'>,
  wanted: readonly number[] = spatial.map((size, axis) => size * at(attributes.strides, axis)),
): Pick<ConvTransposeAttributes, 'pads' | 'outputPadding'> {
  const { strides, outputPadding } = attributes;
  const totals = spatial.map(
    (size, axis) =>
      (size - 1) * at(strides, axis) +
      windowReach(attributes, axis) +
      at(outputPadding, axis) -
      at(wanted, axis),
  );
  const small = totals.map((total) => Math.floor(Math.max(0, total) / 2));
  const large = totals.map((total, axis) => Math.max(0, total) - at(small, axis));
  return {
    pads: mode === 'SAME_UPPER' ? [...small, ...large] : [...large, ...small],
    outputPadding: outputPadding.map((amount, axis) => amount + Math.max(0, -at(totals, axis))),
  };
}

/** Each element of x times the kernel, added up where it falls. */
function spreadOver(
  x: PlainTensor,
  weight: PlainTensor,
  bias: PlainTensor | undefined,
  shape: readonly number[],
  { kernel, strides, dilations, pads, group }: ConvTransposeAttributes,
): PlainTensor {
  const [, channels, ...spatial] = x.shape;
  const [outputs, ...out] = shape.slice(1);
  const [taps, plane, perGroup] = [sizeOf(kernel), sizeOf(out), outputs / group];
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
    bias ? bias.data[Math.floor(i / plane) % outputs] : 0,
  );
  const places = targets(
    spatial,
    out,
    kernel,
    (i, tap, axis) => i * strides[axis] + tap * dilations[axis] - pads[axis],
  );
  x.data.forEach((value, i) => {
    const position = i % sizeOf(spatial);
    const channel = Math.floor(i / sizeOf(spatial)) % channels;
    const image = Math.floor(i / sizeOf(spatial) / channels);
    const first = Math.floor(channel / (channels / group)) * perGroup;
    for (let o = 0; o < perGroup; o++)
      for (let tap = 0; tap < taps; tap++) {
        const place = places[position * taps + tap];
        if (place >= 0)
          data[(image * outputs + first + o) * plane + place] +=
            value * weight.data[(channel * perGroup + o) * taps + tap];
      }
  });
  return { shape, data };
}

/** Where each tap of the kernel puts each position of a plane: its place in the result's plane, or -1. */
function targets(
  spatial: readonly number[],
  out: readonly number[],
  kernel: readonly number[],
  target: (position: number, tap: number, axis: number) => number,
): Int32Array {
  const taps = sizeOf(kernel);
  return Int32Array.from({ length: sizeOf(spatial) * taps }, (_, i) => {
    let place = 0;
    for (const [axis, size] of out.entries()) {
      const position = Math.floor(i / taps / sizeOf(spatial.slice(axis + 1))) % spatial[axis];
      const tap = Math.floor((i % taps) / sizeOf(kernel.slice(axis + 1))) % kernel[axis];
      const along = target(position, tap, axis);
      if (along < 0 || along >= size) return -1;
      place = place * size + along;
    }
    return place;
  });
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Widens the end of each axis, before pads crop; default 0. */
  readonly outputPadding?: number | readonly [number, number];
}
export interface ConvTranspose1dOptions extends Conv1dOptions {
  /** Widens the end, before pads crop; default 0. */
  readonly outputPadding?: number;
}

function transposed(
  what: string,
  axes: number,
  w: Operand,
  options: ConvTransposeOptions | ConvTranspose1dOptions = {},
) {
  const { outputPadding = 0 } = options;
  const window = windowAttributes(what, { ...options, kernel: kernelOf(w, axes) }, axes, [
    'groups',
    'outputPadding',
  ]);
  const widened = typeof outputPadding === 'number' ? window.kernel.map(() => outputPadding) : outputPadding;
  return { inputs: [w], attributes: { ...window, group: options.groups ?? 1, outputPadding: widened } };
}

export const methods = {
  /**
   * Transposed convolution of [N, C, H, W] with weights [C, O / groups, KH, KW]: as PyTorch's `conv_transpose2d`. Pads,
   * [top, left, bottom, right], crop the result. Rounds as conv2d.
   * @param w weights
   * @param options see the type; an unknown name is an error
   * @returns [N, O, out height, out width]; of a size d (d - 1) stride + (kernel - 1) dilation + 1 + outputPadding - pads
   * @throws ShapeError where channels, groups or sizes do not fit, or pads crop everything
   * @throws ArgumentError for an unknown option
   * @example x.convTranspose2d(w, { stride: 2, pads: 1, outputPadding: 1 })
   */
  convTranspose2d: (_x: Shaped, w: Operand, options?: ConvTransposeOptions) =>
    transposed('convTranspose2d', 2, w, options),
  /**
   * Transposed convolution of [N, C, W] with weights [C, O / groups, K]. Rounds as conv1d.
   * @param w weights
   * @param options see the type; an unknown name is an error
   * @returns [N, O, out width]
   * @throws ShapeError where channels, groups or sizes do not fit, or pads crop everything
   * @throws ArgumentError for an unknown option
   * @example x.convTranspose1d(w, { stride: 2 })
   */
  convTranspose1d: (_x: Shaped, w: Operand, options?: ConvTranspose1dOptions) =>
    transposed('convTranspose1d', 1, w, options),
};
