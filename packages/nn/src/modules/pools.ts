/** Maxima and means over windows. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import type { CrypTensor } from '@tacit/tensor';
import { adaptivePool, pool } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { Module } from '../module.js';
import { bothEnds, type Pair, perAxis, requireTruth } from './sizes.js';

interface Pool1dModuleOptions {
  /** Default: the kernel. */
  readonly stride?: number;
  /** How far windows reach over both ends; or over the beginning, then over the end. Default 0. */
  readonly padding?: number | readonly [number, number];
  /** Round the number of windows up instead of down. Default false. */
  readonly ceilMode?: boolean;
}

interface Pool2dModuleOptions {
  /** Default: the kernel. */
  readonly stride?: Pair;
  /** How far windows reach over both ends of each axis; or over top, left, bottom, right. Default 0. */
  readonly padding?: Pair | readonly [number, number, number, number];
  /** Round the number of windows up instead of down. Default false. */
  readonly ceilMode?: boolean;
}

export interface MaxPool1dModuleOptions extends Pool1dModuleOptions {
  /** Default 1. */
  readonly dilation?: number;
}
export interface MaxPool2dModuleOptions extends Pool2dModuleOptions {
  /** Default 1. */
  readonly dilation?: Pair;
}
export interface AvgPool1dModuleOptions extends Pool1dModuleOptions {
  /** Whether what lies beyond the ends counts as zeros. Default false: means are of what is there. */
  readonly countIncludePad?: boolean;
}
export interface AvgPool2dModuleOptions extends Pool2dModuleOptions {
  /** Whether what lies beyond the ends counts as zeros. Default false: means are of what is there. */
  readonly countIncludePad?: boolean;
}

/** How the windows of a pool lie, one number for each axis; pads all before, then all after. */
export interface PoolWindows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pads: readonly number[];
  readonly dilation: readonly number[];
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
}

type AnyOptions = MaxPool2dModuleOptions & AvgPool2dModuleOptions;

function windowsOf(
  name: string,
  axes: number,
  kernel: number | readonly number[],
  options: object,
  more: string,
): PoolWindows {
  checkOptions(name, options, ['stride', 'padding', 'ceilMode', more]);
  const given = options as AnyOptions;
  const { stride = kernel, padding = 0, dilation = 1, ceilMode = false, countIncludePad = false } = given;
  const sizes = perAxis(name, 'kernel', kernel, axes);
  const pads = bothEnds(name, padding, axes);
  pads.forEach((amount, i) => {
    if (2 * amount > sizes[i % axes])
      throw new ArgumentError(
        `${name}: padding is ${amount}, and at most half a window of ${sizes[i % axes]}`,
      );
  });
  return {
    kernel: sizes,
    stride: perAxis(name, 'stride', stride, axes),
    pads,
    dilation: perAxis(name, 'dilation', dilation, axes),
    ceilMode: requireTruth(name, 'ceilMode', ceilMode),
    countIncludePad: requireTruth(name, 'countIncludePad', countIncludePad),
  };
}

/** As the methods of tensors take them. */
function one({ kernel, stride, pads, ceilMode }: PoolWindows) {
  return { kernel: kernel[0], stride: stride[0], pads: pads as readonly [number, number], ceilMode };
}
function two({ kernel, stride, pads, ceilMode }: PoolWindows) {
  const pair = (x: readonly number[]) => x as readonly [number, number];
  return {
    kernel: pair(kernel),
    stride: pair(stride),
    pads: pads as readonly [number, number, number, number],
    ceilMode,
  };
}

/** Maxima over one axis. */
export class MaxPool1d extends Module {
  readonly windows: PoolWindows;

  /**
   * Maxima of [N, C, W].
   * @param kernel size of the window
   * @param options stride, padding, dilation, ceilMode
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.MaxPool1d(2)
   */
  constructor(kernel: number, options: MaxPool1dModuleOptions = {}) {
    super();
    this.windows = windowsOf('MaxPool1d', 1, kernel, options, 'dilation');
  }
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return pool(draft, x, 'MaxPool', this.windows);
  }

  override forward(x: CrypTensor): CrypTensor {
    return x.maxPool1d({ ...one(this.windows), dilation: this.windows.dilation[0] });
  }
}

/** Maxima over two axes. */
export class MaxPool2d extends Module {
  readonly windows: PoolWindows;

  /**
   * Maxima of [N, C, H, W].
   * @param kernel size of the window
   * @param options stride, padding, dilation, ceilMode
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.MaxPool2d(3, { stride: 2, padding: 1 })
   */
  constructor(kernel: Pair, options: MaxPool2dModuleOptions = {}) {
    super();
    this.windows = windowsOf('MaxPool2d', 2, kernel, options, 'dilation');
  }
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return pool(draft, x, 'MaxPool', this.windows);
  }

  override forward(x: CrypTensor): CrypTensor {
    const [vertical, horizontal] = this.windows.dilation;
    return x.maxPool2d({ ...two(this.windows), dilation: [vertical, horizontal] });
  }
}

/** Means over one axis. */
export class AvgPool1d extends Module {
  readonly windows: PoolWindows;

  /**
   * Means of [N, C, W].
   * @param kernel size of the window
   * @param options stride, padding, ceilMode, countIncludePad
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.AvgPool1d(2)
   */
  constructor(kernel: number, options: AvgPool1dModuleOptions = {}) {
    super();
    this.windows = windowsOf('AvgPool1d', 1, kernel, options, 'countIncludePad');
  }
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return pool(draft, x, 'AveragePool', this.windows);
  }

  override forward(x: CrypTensor): CrypTensor {
    return x.avgPool1d({ ...one(this.windows), countIncludePad: this.windows.countIncludePad });
  }
}

/** Means over two axes. */
export class AvgPool2d extends Module {
  readonly windows: PoolWindows;

  /**
   * Means of [N, C, H, W].
   * @param kernel size of the window
   * @param options stride, padding, ceilMode, countIncludePad
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.AvgPool2d(2)
   */
  constructor(kernel: Pair, options: AvgPool2dModuleOptions = {}) {
    super();
    this.windows = windowsOf('AvgPool2d', 2, kernel, options, 'countIncludePad');
  }
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return pool(draft, x, 'AveragePool', this.windows);
  }

  override forward(x: CrypTensor): CrypTensor {
    return x.avgPool2d({ ...two(this.windows), countIncludePad: this.windows.countIncludePad });
  }
}

/** Means of [N, C, H, W] over as many windows as are wanted. */
export class AdaptiveAvgPool2d extends Module {
  /** Height and width of the result. */
  readonly size: readonly number[];

  /**
   * Means over windows, of which window i of n is from floor(i H / n) to ceil((i + 1) H / n).
   * @param size height and width of the result, or one number for both
   * @throws ArgumentError for sizes that are not positive whole numbers
   * @example new nn.AdaptiveAvgPool2d(1)
   */
  constructor(size: Pair) {
    super();
    this.size = perAxis('AdaptiveAvgPool2d', 'size', size, 2);
  }
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return adaptivePool(draft, x, 'AveragePool', this.size);
  }

  override forward(x: CrypTensor): CrypTensor {
    return x.adaptiveAvgPool2d(this.size as readonly [number, number]);
  }
}

/** Maxima of [N, C, H, W] over as many windows as are wanted. */
export class AdaptiveMaxPool2d extends Module {
  /** Height and width of the result. */
  readonly size: readonly number[];

  /**
   * Maxima over windows, of which window i of n is from floor(i H / n) to ceil((i + 1) H / n).
   * @param size height and width of the result, or one number for both
   * @throws ArgumentError for sizes that are not positive whole numbers
   * @example new nn.AdaptiveMaxPool2d([2, 2])
   */
  constructor(size: Pair) {
    super();
    this.size = perAxis('AdaptiveMaxPool2d', 'size', size, 2);
  }
  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return adaptivePool(draft, x, 'MaxPool', this.size);
  }

  override forward(x: CrypTensor): CrypTensor {
    return x.adaptiveMaxPool2d(this.size as readonly [number, number]);
  }
}
