/** Convolution over one or two spatial axes: input [N, C, ...], weights [O, C / groups, ...kernel], bias [O]. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions, sizeOf } from '@tacit/graph';
import { type CrypTensor, tidy } from '@tacit/tensor';
import { convolution } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { scaledUniform } from '../initial-values.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { bothEnds, type Pair, perAxis, requireSizes, requireTruth } from './sizes.js';

interface CommonOptions {
  /** Groups of channels that are convolved by themselves. Default 1. */
  readonly groups?: number;
  /** Whether a constant is added to each channel. Default true. */
  readonly bias?: boolean;
}

export interface Conv1dModuleOptions extends CommonOptions {
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on both ends; or all before, then all after; or 'same' (the size stays), 'valid' (none). Default 0. */
  readonly padding?: number | readonly [number, number] | 'same' | 'valid';
  /** Default 1. */
  readonly dilation?: number;
}

export interface Conv2dModuleOptions extends CommonOptions {
  /** Default 1. */
  readonly stride?: Pair;
  /** Zeros on both ends of each axis; or top, left, bottom, right; or 'same' (sizes stay), 'valid' (none). Default 0. */
  readonly padding?: Pair | readonly [number, number, number, number] | 'same' | 'valid';
  /** Default 1. */
  readonly dilation?: Pair;
}

/** A vector over the channel axis, shaped for broadcasting over [N, C, ...spatial]. */
export const perChannel = ({ operand, shape }: Parameter, rank: number) =>
  operand.reshape([shape[0], ...new Array<number>(rank - 2).fill(1)]);

/** The product of a convolution, with a constant for each channel. */
export const withBias = (x: CrypTensor, bias: Parameter | undefined): CrypTensor =>
  bias ? x.add(perChannel(bias, x.rank)) : x;

/** How the windows of a convolution lie. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  /** All before, then all after. */
  readonly pads: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** The options of a convolution, one number for each axis, as `conv1d` and `conv2d` of tensors take them. */
export function methodOptions({ stride, pads, dilation, groups }: Windows) {
  return stride.length === 1
    ? { stride: stride[0], pads: pads as readonly [number, number], dilation: dilation[0], groups }
    : {
        stride: stride as readonly [number, number],
        pads: pads as readonly [number, number, number, number],
        dilation: dilation as readonly [number, number],
        groups,
      };
}

function windowsOf(
  name: string,
  axes: number,
  inputs: number,
  outputs: number,
  kernel: number | readonly number[],
  options: Conv1dModuleOptions | Conv2dModuleOptions,
): Windows {
  checkOptions(name, options, ['stride', 'padding', 'dilation', 'groups', 'bias']);
  const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
  requireTruth(name, 'bias', bias);
  requireSizes(name, {
    inputs,
    outputs,
    groups,
    'inputs / groups': inputs / groups,
    'outputs / groups': outputs / groups,
  });
  const windows = {
    kernel: perAxis(name, 'kernel', kernel, axes),
    stride: perAxis(name, 'stride', stride, axes),
    dilation: perAxis(name, 'dilation', dilation, axes),
    groups,
  };
  if (typeof padding !== 'string') return { ...windows, pads: bothEnds(name, padding, axes) };
  if (padding === 'valid') return { ...windows, pads: new Array<number>(2 * axes).fill(0) };
  if (padding !== 'same') throw new ArgumentError(`${name}: padding is '${padding}', not 'same' or 'valid'`);
  if (windows.stride.some((step) => step !== 1))
    throw new ArgumentError(`${name}: with padding 'same' the stride is 1`);
  const total = windows.kernel.map((size, i) => windows.dilation[i] * (size - 1));
  const before = total.map((amount) => Math.floor(amount / 2));
  return { ...windows, pads: [...before, ...total.map((amount, i) => amount - before[i])] };
}

/** What both convolutions are made of. */
abstract class Conv extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** How its windows lie. */
  readonly windows: Windows;

  protected constructor(inputs: number, outputs: number, windows: Windows, bias = true) {
    super();
    this.windows = windows;
    const perGroup = inputs / windows.groups;
    const initializer = scaledUniform(perGroup * sizeOf(windows.kernel));
    this.weight = new Parameter([outputs, perGroup, ...windows.kernel], { name: 'weight', initializer });
    this.bias = bias ? new Parameter([outputs], { name: 'bias', initializer }) : undefined;
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return convolution(draft, x, this);
  }

  override *multiplied(): Generator<Parameter> {
    yield this.weight;
  }
}

/** Convolution over one spatial axis. */
export class Conv1d extends Conv {
  /**
   * A layer of random weights, uniform up to 1 / sqrt(terms of an output) on both sides.
   * @param inputs channels of its input
   * @param outputs channels of its output
   * @param kernel size of the window
   * @param options stride, padding, dilation, groups, bias
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.Conv1d(1, 8, 5, { padding: 2 })
   */
  constructor(
    inputs: number,
    outputs: number,
    kernel: number,
    readonly options: Conv1dModuleOptions = {},
  ) {
    super(inputs, outputs, windowsOf('Conv1d', 1, inputs, outputs, kernel, options), options.bias);
  }

  override forward(x: CrypTensor): CrypTensor {
    const options = methodOptions(this.windows) as Parameters<CrypTensor['conv1d']>[1];
    return tidy(x.context, () => withBias(x.conv1d(this.weight.operand, options), this.bias));
  }
}

/** Convolution over two spatial axes. */
export class Conv2d extends Conv {
  /**
   * A layer of random weights, uniform up to 1 / sqrt(terms of an output) on both sides.
   * @param inputs channels of its input
   * @param outputs channels of its output
   * @param kernel size of the window
   * @param options stride, padding, dilation, groups, bias
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.Conv2d(1, 8, 5, { stride: 2, padding: 2 })
   */
  constructor(
    inputs: number,
    outputs: number,
    kernel: Pair,
    readonly options: Conv2dModuleOptions = {},
  ) {
    super(inputs, outputs, windowsOf('Conv2d', 2, inputs, outputs, kernel, options), options.bias);
  }

  override forward(x: CrypTensor): CrypTensor {
    const options = methodOptions(this.windows) as Parameters<CrypTensor['conv2d']>[1];
    return tidy(x.context, () => withBias(x.conv2d(this.weight.operand, options), this.bias));
  }
}
