/** Convolution over one or two spatial axes: input [N, C, ...], weights [O, C / groups, ...kernel], bias [O]. */
import type { CrypTensor } from '@tacit/tensor';
import { scaledUniform } from '../initial-values.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { requireSizes } from './sizes.js';

interface CommonOptions {
  /** Groups of channels that are convolved by themselves. Default 1. */
  readonly groups?: number;
  /** Whether a constant is added to each channel. Default true. */
  readonly bias?: boolean;
}

export interface Conv1dModuleOptions extends CommonOptions {
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on both ends; or all before, then all after. Default 0. */
  readonly padding?: number | readonly [number, number];
  /** Default 1. */
  readonly dilation?: number;
}

/** One number for both axes, or one each. */
export type Pair = number | readonly [number, number];

export interface Conv2dModuleOptions extends CommonOptions {
  /** Default 1. */
  readonly stride?: Pair;
  /** Zeros on both ends of each axis; or top, left, bottom, right. Default 0. */
  readonly padding?: Pair | readonly [number, number, number, number];
  /** Default 1. */
  readonly dilation?: Pair;
}

export const pair = (x: Pair): readonly [number, number] => (typeof x === 'number' ? [x, x] : x);

function weights(inputs: number, outputs: number, kernel: readonly number[], options: CommonOptions) {
  const { groups = 1, bias = true } = options;
  const initializer = scaledUniform((inputs / groups) * kernel.reduce((a, b) => a * b, 1));
  return {
    weight: new Parameter([outputs, inputs / groups, ...kernel], { name: 'weight', initializer }),
    bias: bias ? new Parameter([outputs], { name: 'bias', initializer }) : undefined,
  };
}

/** A vector over the channel axis, shaped for broadcasting over [N, C, ...spatial]. */
const perChannel = (bias: Parameter, rank: number) =>
  bias.operand.reshape([bias.shape[0], ...new Array(rank - 2).fill(1)]);

/** Convolution over one spatial axis. */
export class Conv1d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /**
   * A layer of random weights, uniform up to 1 / sqrt(terms of an output) on both sides.
   * @param inputs channels of its input
   * @param outputs channels of its output
   * @param kernel size of the window
   * @param options stride, padding, dilation, groups, bias
   * @throws ArgumentError for sizes that are not positive whole numbers
   * @example new nn.Conv1d(1, 8, 5, { padding: 2 })
   */
  constructor(
    inputs: number,
    outputs: number,
    kernel: number,
    readonly options: Conv1dModuleOptions = {},
  ) {
    super();
    const { groups = 1 } = options;
    requireSizes('Conv1d', { inputs, outputs, kernel, groups, 'inputs / groups': inputs / groups });
    const made = weights(inputs, outputs, [kernel], options);
    this.weight = made.weight;
    this.bias = made.bias;
  }

  override *multiplied(): Generator<Parameter> {
    yield this.weight;
  }

  override forward(x: CrypTensor): CrypTensor {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = this.options;
    const y = x.conv1d(this.weight.operand, { stride, pads: [...pair(padding)], dilation, groups });
    return this.bias ? y.add(perChannel(this.bias, x.rank)) : y;
  }
}

/** Convolution over two spatial axes. */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /**
   * A layer of random weights, uniform up to 1 / sqrt(terms of an output) on both sides.
   * @param inputs channels of its input
   * @param outputs channels of its output
   * @param kernel size of the window
   * @param options stride, padding, dilation, groups, bias
   * @throws ArgumentError for sizes that are not positive whole numbers
   * @example new nn.Conv2d(1, 8, 5, { stride: 2, padding: 2 })
   */
  constructor(
    inputs: number,
    outputs: number,
    kernel: Pair,
    readonly options: Conv2dModuleOptions = {},
  ) {
    super();
    const [height, width] = pair(kernel);
    const { groups = 1 } = options;
    requireSizes('Conv2d', { inputs, outputs, height, width, groups, 'inputs / groups': inputs / groups });
    const made = weights(inputs, outputs, [height, width], options);
    this.weight = made.weight;
    this.bias = made.bias;
  }

  override *multiplied(): Generator<Parameter> {
    yield this.weight;
  }

  override forward(x: CrypTensor): CrypTensor {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = this.options;
    const y = x.conv2d(this.weight.operand, {
      stride: pair(stride),
      pads: fourPads(padding),
      dilation: pair(dilation),
      groups,
    });
    return this.bias ? y.add(perChannel(this.bias, x.rank)) : y;
  }
}

function fourPads(padding: Pair | readonly [number, number, number, number]) {
  if (typeof padding !== 'number' && padding.length === 4) return padding;
  const [vertical, horizontal] = pair(padding);
  return [vertical, horizontal, vertical, horizontal] as const;
}
