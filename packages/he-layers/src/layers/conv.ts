/** Convolutions. */

import { ShapeError } from '@tacit/errors';
import { type WindowGeometry, windowSizes } from '@tacit/graph';
import { convMatrix, sizeOf } from '@tacit/he/network';
import { AffineMap } from './affine-map.js';
import { HeLayerError } from './errors.js';
import { AffineLayer, misfit, type PerAxis, perAxis } from './layer.js';

/** Weights row by row. */
export interface Weights {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface ConvOptions {
  /** [output channels, input channels / groups, ...kernel]. */
  readonly weight: Weights;
  /** One for each output channel. Default: none. */
  readonly bias?: ArrayLike<number>;
  readonly stride?: PerAxis;
  /**
   * Zeros around the input: a number, one for each axis (both ends alike), or all begins, then all ends. Default 0.
   */
  readonly padding?: PerAxis;
  readonly dilation?: PerAxis;
  readonly groups?: number;
  readonly name?: string;
}

abstract class EncodedConv extends AffineLayer {
  private readonly weight: { readonly shape: readonly number[]; readonly data: Float64Array };
  private readonly bias: Float64Array | undefined;
  private readonly strides: number[];
  private readonly pads: number[];
  private readonly dilations: number[];
  private readonly groups: number;

  constructor(
    name: string,
    private readonly axes: number,
    options: ConvOptions,
  ) {
    super(name);
    const { weight, bias, groups = 1 } = options;
    const data = Float64Array.from(weight.data);
    if (weight.shape.length !== axes + 2 || sizeOf(weight.shape) !== data.length)
      throw new HeLayerError(
        `Layer ${name}: ${data.length} weights of the shape [${weight.shape.join(', ')}]; it takes [output channels, input channels / groups${', kernel'.repeat(axes)}].`,
      );
    if (!data.every(Number.isFinite))
      throw new HeLayerError(`Layer ${name}: a weight is not a finite number.`);
    if (!Number.isInteger(groups) || groups < 1 || weight.shape[0] % groups !== 0)
      throw new HeLayerError(`Layer ${name}: ${weight.shape[0]} output channels in ${groups} groups.`);
    if (bias !== undefined && bias.length !== weight.shape[0])
      throw new HeLayerError(`Layer ${name}: ${bias.length} shifts for ${weight.shape[0]} output channels.`);
    this.weight = { shape: weight.shape, data };
    this.bias = bias === undefined ? undefined : Float64Array.from(bias);
    this.groups = groups;
    this.strides = perAxis(name, 'stride', options.stride ?? 1, axes, 1);
    this.dilations = perAxis(name, 'dilation', options.dilation ?? 1, axes, 1);
    this.pads = padsOf(name, options.padding ?? 0, axes);
  }

  protected override build(input: readonly number[]) {
    const channels = this.weight.shape[1] * this.groups;
    const { axes, strides, pads, dilations, groups } = this;
    if (input.length !== axes + 2 || input[0] !== 1 || input[1] !== channels)
      throw misfit(this.name, input, `[1, ${channels}${', size'.repeat(axes)}]`);
    const kernel = this.weight.shape.slice(2);
    const output = windowOutput(this.name, input, { kernel, strides, pads, dilations });
    const shape = [1, this.weight.shape[0], ...output];
    const attributes = { kernel, strides, pads, dilations, group: groups };
    const bias = this.bias && { shape: [this.bias.length], data: this.bias };
    const { matrix, shift } = convMatrix(attributes, input, shape, this.weight, bias);
    return { map: new AffineMap(matrix, shift), shape };
  }
}

/** Inputs [1, channels, height, width]. Cost: a plain product for every tap that meets the input. */
export class EncodedConv2d extends EncodedConv {
  readonly kind = 'Conv2d';
  /**
   * Copies the weights.
   * @param options weights, windows and name
   * @throws HeLayerError for weights and sizes that do not fit together
   */
  constructor(options: ConvOptions) {
    super(options.name ?? 'conv2d', 2, options);
  }
}

/** Inputs [1, channels, length]. */
export class EncodedConv1d extends EncodedConv {
  readonly kind = 'Conv1d';
  /**
   * Copies the weights.
   * @param options weights, windows and name
   * @throws HeLayerError for weights and sizes that do not fit together
   */
  constructor(options: ConvOptions) {
    super(options.name ?? 'conv1d', 1, options);
  }
}

/** Begins, then ends. */
export function padsOf(layer: string, padding: PerAxis, axes: number): number[] {
  if (typeof padding !== 'number' && padding.length === 2 * axes)
    return perAxis(layer, 'padding', padding, 2 * axes, 0);
  const each = perAxis(layer, 'padding', padding, axes, 0);
  return [...each, ...each];
}

/** Sizes of the spatial axes after a window has moved over them. */
export function windowOutput(layer: string, input: readonly number[], window: WindowGeometry): number[] {
  try {
    return windowSizes(input.slice(2), window) as number[];
  } catch (error) {
    throw error instanceof ShapeError ? new HeLayerError(`Layer ${layer}: ${error.message}.`) : error;
  }
}
