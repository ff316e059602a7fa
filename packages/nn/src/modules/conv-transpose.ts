/** Transposed convolution over one or two spatial axes: input [N, C, ...], weights [C, O / groups, ...kernel], bias [O]. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions, sizeOf } from '@tacit/graph';
import { type CrypTensor, tidy } from '@tacit/tensor';
import { convolution } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { scaledUniform } from '../initial-values.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { methodOptions, type Windows, withBias } from './conv.js';
import { bothEnds, type Pair, perAxis, requireSizes, requireTruth } from './sizes.js';

export interface ConvTranspose1dModuleOptions {
  /** Default 1. */
  readonly stride?: number;
  /** What is cut off on both ends; or all before, then all after. Default 0. */
  readonly padding?: number | readonly [number, number];
  /** Widens the end. Default 0. */
  readonly outputPadding?: number;
  /** Default 1. */
  readonly dilation?: number;
  /** Groups of channels that are convolved by themselves. Default 1. */
  readonly groups?: number;
  /** Whether a constant is added to each channel. Default true. */
  readonly bias?: boolean;
}

export interface ConvTranspose2dModuleOptions {
  /** Default 1. */
  readonly stride?: Pair;
  /** What is cut off on both ends of each axis; or top, left, bottom, right. Default 0. */
  readonly padding?: Pair | readonly [number, number, number, number];
  /** Widens the end of each axis. Default 0. */
  readonly outputPadding?: Pair;
  /** Default 1. */
  readonly dilation?: Pair;
  /** Groups of channels that are convolved by themselves. Default 1. */
  readonly groups?: number;
  /** Whether a constant is added to each channel. Default true. */
  readonly bias?: boolean;
}

/** Windows, and what widens the result. */
export interface TransposedWindows extends Windows {
  readonly outputPadding: readonly number[];
}

function windowsOf(
  name: string,
  axes: number,
  inputs: number,
  outputs: number,
  kernel: number | readonly number[],
  options: ConvTranspose1dModuleOptions | ConvTranspose2dModuleOptions,
): TransposedWindows {
  checkOptions(name, options, ['stride', 'padding', 'outputPadding', 'dilation', 'groups', 'bias']);
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1, bias = true } = options;
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
    pads: bothEnds(name, padding, axes),
    outputPadding: perAxis(name, 'outputPadding', outputPadding, axes, 0),
    dilation: perAxis(name, 'dilation', dilation, axes),
    groups,
  };
  windows.outputPadding.forEach((amount, i) => {
    if (amount >= Math.max(windows.stride[i], windows.dilation[i]))
      throw new ArgumentError(
        `${name}: outputPadding is ${amount}, and has to be smaller than the stride or the dilation`,
      );
  });
  return windows;
}

/** What both are made of. */
abstract class ConvTranspose extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** How its windows lie. */
  readonly windows: TransposedWindows;

  protected constructor(inputs: number, outputs: number, windows: TransposedWindows, bias = true) {
    super();
    this.windows = windows;
    const perGroup = outputs / windows.groups;
    const initializer = scaledUniform(perGroup * sizeOf(windows.kernel));
    this.weight = new Parameter([inputs, perGroup, ...windows.kernel], { name: 'weight', initializer });
    this.bias = bias ? new Parameter([outputs], { name: 'bias', initializer }) : undefined;
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return convolution(draft, x, this);
  }

  override *multiplied(): Generator<Parameter> {
    yield this.weight;
  }
}

/** Transposed convolution over one spatial axis. */
export class ConvTranspose1d extends ConvTranspose {
  /**
   * A layer of random weights, uniform up to 1 / sqrt(outputs / groups times the window) on both sides, as PyTorch's.
   * @param inputs channels of its input
   * @param outputs channels of its output
   * @param kernel size of the window
   * @param options stride, padding, outputPadding, dilation, groups, bias
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.ConvTranspose1d(8, 4, 4, { stride: 2, padding: 1 })
   */
  constructor(
    inputs: number,
    outputs: number,
    kernel: number,
    readonly options: ConvTranspose1dModuleOptions = {},
  ) {
    super(inputs, outputs, windowsOf('ConvTranspose1d', 1, inputs, outputs, kernel, options), options.bias);
  }

  override forward(x: CrypTensor): CrypTensor {
    const { windows } = this;
    const options = { ...methodOptions(windows), outputPadding: windows.outputPadding[0] };
    return tidy(x.context, () => {
      const y = x.convTranspose1d(
        this.weight.operand,
        options as Parameters<CrypTensor['convTranspose1d']>[1],
      );
      return withBias(y, this.bias);
    });
  }
}

/** Transposed convolution over two spatial axes. */
export class ConvTranspose2d extends ConvTranspose {
  /**
   * A layer of random weights, uniform up to 1 / sqrt(outputs / groups times the window) on both sides, as PyTorch's.
   * @param inputs channels of its input
   * @param outputs channels of its output
   * @param kernel size of the window
   * @param options stride, padding, outputPadding, dilation, groups, bias
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.ConvTranspose2d(8, 4, 3, { stride: 2, padding: 1, outputPadding: 1 })
   */
  constructor(
    inputs: number,
    outputs: number,
    kernel: Pair,
    readonly options: ConvTranspose2dModuleOptions = {},
  ) {
    super(inputs, outputs, windowsOf('ConvTranspose2d', 2, inputs, outputs, kernel, options), options.bias);
  }

  override forward(x: CrypTensor): CrypTensor {
    const { windows } = this;
    const options = { ...methodOptions(windows), outputPadding: windows.outputPadding };
    return tidy(x.context, () => {
      const y = x.convTranspose2d(
        this.weight.operand,
        options as Parameters<CrypTensor['convTranspose2d']>[1],
      );
      return withBias(y, this.bias);
    });
  }
}
