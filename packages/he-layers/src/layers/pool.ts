/** Average pools. */
import { poolMatrix } from '@tacit/he/network';
import { AffineMap } from './affine-map.js';
import { padsOf, windowOutput } from './conv.js';
import { AffineLayer, misfit, type PerAxis, perAxis } from './layer.js';

export interface AvgPoolOptions {
  readonly kernel: PerAxis;
  /** Default: the kernel's sizes, as in PyTorch. */
  readonly stride?: PerAxis;
  readonly padding?: PerAxis;
  /** Whether padding counts in the mean. Default true, as in PyTorch. */
  readonly countIncludePad?: boolean;
  readonly ceilMode?: boolean;
  readonly name?: string;
}

abstract class EncodedAvgPool extends AffineLayer {
  private readonly kernel: number[];
  private readonly strides: number[];
  private readonly pads: number[];

  constructor(
    name: string,
    private readonly axes: number,
    private readonly options: AvgPoolOptions,
  ) {
    super(name);
    this.kernel = perAxis(name, 'kernel', options.kernel, axes, 1);
    this.strides = perAxis(name, 'stride', options.stride ?? options.kernel, axes, 1);
    this.pads = padsOf(name, options.padding ?? 0, axes);
  }

  protected override build(input: readonly number[]) {
    const { axes, kernel, strides, pads, options } = this;
    if (input.length !== axes + 2 || input[0] !== 1)
      throw misfit(this.name, input, `[1, channels${', size'.repeat(axes)}]`);
    const { ceilMode = false, countIncludePad = true } = options;
    const window = { kernel, strides, pads, dilations: new Array<number>(axes).fill(1), ceilMode };
    const shape = [1, input[1], ...windowOutput(this.name, input, window)];
    const attributes = { ...window, countIncludePad };
    return { map: new AffineMap(poolMatrix(attributes, input, shape), undefined), shape };
  }
}

/**
 * Mean over windows of [1, channels, height, width]. In CKKS sums are all that it costs, where all windows have the
 * same number of elements: the division goes into the scale.
 */
export class EncodedAvgPool2d extends EncodedAvgPool {
  readonly kind = 'AvgPool2d';
  /**
   * Has no weights.
   * @param options windows, what counts in the mean, and name
   * @throws HeLayerError for sizes that are not whole numbers
   */
  constructor(options: AvgPoolOptions) {
    super(options.name ?? 'avgpool2d', 2, options);
  }
}

/** Mean over windows of [1, channels, length]. */
export class EncodedAvgPool1d extends EncodedAvgPool {
  readonly kind = 'AvgPool1d';
  /**
   * Has no weights.
   * @param options windows, what counts in the mean, and name
   * @throws HeLayerError for sizes that are not whole numbers
   */
  constructor(options: AvgPoolOptions) {
    super(options.name ?? 'avgpool1d', 1, options);
  }
}
