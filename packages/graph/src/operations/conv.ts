/** Convolution (cross-correlation) over one or two spatial axes, with groups, strides, dilations and padding. */
import { ShapeError } from '@tacit/errors';
import type { OpenPads } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import { either, hullOver } from '../plain/interval.js';
import { at, mapDim, mayEqual, show } from '../shape/dims.js';
import { concretePads, windowSizes } from '../shape/window.js';
import { inputCotangent, weightCotangent } from './shared/convolution-gradient.js';
import { convolve } from './shared/convolve.js';
import { productBounds } from './shared/interval-product.js';
import { shapeOfOperand } from './shared/operand-shape.js';
import { type WindowOptions, windowAttributes } from './shared/window-options.js';

export interface ConvAttributes<L = readonly number[]> {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: L;
  readonly group: number;
}

export const definition: OperationDefinition<'Conv', ConvAttributes, ConvAttributes<OpenPads>> = {
  op: 'Conv',
  summary: '1-d or 2-d convolution; W [out, in / group, ...kernel]',
  attributes: { kernel: 'sizes', strides: 'sizes', dilations: 'sizes', pads: 'pads', group: 'size' },
  arity: [2, 3],
  factors: [0, 1],
  infer([x, weight, bias], attributes) {
    const { group, kernel } = attributes;
    const axes = kernel.length;
    if (axes < 1 || axes > 2 || x.length !== axes + 2 || weight.length !== axes + 2)
      throw new ShapeError(`weights ${show(weight)} do not convolve ${show(x)}`);
    const outputs = at(weight, 0);
    const needed = mapDim(at(weight, 1), (size) => size * group);
    if (!mayEqual(at(x, 1), needed))
      throw new ShapeError(`weights ${show(weight)} in ${group} groups do not fit ${show(x)}`);
    if (typeof outputs === 'number' && outputs % group !== 0)
      throw new ShapeError(`${outputs} output channels do not split into ${group} groups`);
    if (kernel.some((size, axis) => !mayEqual(size, at(weight, axis + 2))))
      throw new ShapeError(`a kernel ${show(kernel)} is not that of weights ${show(weight)}`);
    if (bias !== undefined && (bias.length !== 1 || !mayEqual(at(bias, 0), outputs)))
      throw new ShapeError(`a bias ${show(bias)} does not fit weights ${show(weight)}`);
    return [[at(x, 0), outputs, ...windowSizes(x.slice(2), attributes)]];
  },
  resolve: (attributes, [x]) => ({ ...attributes, pads: concretePads(x.slice(2), attributes) }),
  evaluate(inputs, attributes) {
    const [shape] = definition.infer(
      inputs.map((input) => input.shape),
      attributes,
    ) as number[][];
    return [{ shape, data: convolve(inputs, shape, attributes) }];
  },
  gradient: (k, { inputs: [x, weight, bias], dy: [dy], attributes, needed }) => [
    needed[0] ? inputCotangent(k, k.shapeOf(x), weight, dy, attributes) : undefined,
    needed[1] ? weightCotangent(k, x, k.shapeOf(weight), dy, attributes) : undefined,
    bias &&
      k.reduceSum(dy, {
        axes: k.shapeOf(dy).flatMap((_, axis) => (axis === 1 ? [] : [axis])),
        keepDims: false,
      }),
  ],
  bounds([x, weight, bias], attributes) {
    // One pair of bounds a channel; padding is 0. All positions then have the same bounds: one window is enough.
    const channels = hullOver(attributes.pads.some((p) => p > 0) ? either(x, 0, 0) : x, [
      0,
      ...attributes.kernel.map((_, i) => i + 2),
    ]);
    const shape = [1, at(x.shape, 1), ...attributes.kernel];
    const ones = attributes.kernel.map(() => 1);
    const window = { ...attributes, strides: ones, dilations: ones, pads: attributes.pads.map(() => 0) };
    const [full] = definition.infer(
      [x, weight].map((v) => v.shape),
      attributes,
    ) as number[][];
    const made = productBounds(
      { ...channels, shape },
      weight,
      (a, w) => definition.evaluate([a, w], window)[0],
    );
    const shifted = (v: typeof made.low, b: typeof made.low | undefined) =>
      b === undefined
        ? v
        : { shape: v.shape, data: v.data.map((value, i) => value + b.data[i % b.data.length]) };
    return [{ shape: full, low: shifted(made.low, bias?.low), high: shifted(made.high, bias?.high) }];
  },
  examples: [
    {
      shapes: [[2, 2, 5, 4], [3, 2, 3, 2], [3]],
      attributes: { kernel: [3, 2], strides: [2, 1], dilations: [1, 1], pads: [1, 0, 1, 1], group: 1 },
    },
    {
      shapes: [
        [1, 4, 5, 5],
        [4, 2, 2, 2],
      ],
      attributes: { kernel: [2, 2], strides: [2, 2], dilations: [2, 1], pads: [0, 0, 0, 0], group: 2 },
    },
    {
      shapes: [[2, 2, 6], [2, 1, 3], [2]],
      attributes: { kernel: [3], strides: [1], dilations: [2], pads: [2, 1], group: 2 },
    },
    {
      shapes: [
        [0, 1, 3],
        [1, 1, 2],
      ],
      attributes: { kernel: [2], strides: [1], dilations: [1], pads: [0, 0], group: 1 },
    },
  ],
};

export interface ConvOptions extends WindowOptions {
  readonly groups?: number;
}
export interface Conv1dOptions {
  readonly stride?: number;
  readonly dilation?: number;
  /** [left, right], or one number for both. */
  readonly pads?: readonly [number, number] | number;
  readonly groups?: number;
}

const conv = (what: string, axes: number, w: Operand, options: ConvOptions | Conv1dOptions = {}) => {
  const { kernel, ...window } = windowAttributes(what, { ...options, kernel: kernelOf(w, axes) }, axes, [
    'groups',
  ]);
  return { inputs: [w], attributes: { kernel, ...window, group: options.groups ?? 1 } };
};

/** Spatial sizes of weights [.., .., ...kernel]; wrong ranks are found with the shapes. */
export function kernelOf(w: unknown, axes: number): readonly number[] {
  const shape = shapeOfOperand(w);
  return shape.length === axes + 2 ? shape.slice(2) : new Array<number>(axes).fill(1);
}

export const methods = {
  /**
   * Convolution of [N, C, H, W] with weights [O, C / groups, KH, KW]. Pads are [top, left, bottom, right]. One round,
   * none for operands that were opened before.
   * @param w weights
   * @param options see the type; an unknown name is an error
   * @returns [N, O, out height, out width]
   * @throws ShapeError where channels, groups or sizes do not fit
   * @throws ArgumentError for an unknown option
   * @example x.conv2d(w, { stride: 2, pads: 1 })
   */
  conv2d: (_x: Shaped, w: Operand, options?: ConvOptions) => conv('conv2d', 2, w, options),
  /**
   * Convolution of [N, C, W] with weights [O, C / groups, K]. Rounds as conv2d.
   * @param w weights
   * @param options see the type; an unknown name is an error
   * @returns [N, O, out width]
   * @throws ShapeError where channels, groups or sizes do not fit
   * @throws ArgumentError for an unknown option
   * @example x.conv1d(w, { pads: 1 })
   */
  conv1d: (_x: Shaped, w: Operand, options?: Conv1dOptions) => conv('conv1d', 1, w, options),
};
