/** Batch normalisation with fixed statistics: a factor and a shift for each channel. */
import { broadcastTo } from '@tacit/graph';
import { SparseMatrix, sizeOf } from '@tacit/he/network';
import { AffineMap } from './affine-map.js';
import { HeLayerError } from './errors.js';
import { AffineLayer, misfit } from './layer.js';

export interface BatchNormOptions {
  /** One for each channel, or a single one for all. */
  readonly scale: ArrayLike<number>;
  readonly shift: ArrayLike<number>;
  /** Axis of the channels. Default 1. */
  readonly axis?: number;
  readonly name?: string;
}

/**
 * Scale and shift from the statistics of a trained batch normalisation.
 * @param trained statistics and parameters, one for each channel
 * @returns options for `EncodedBatchNorm`
 */
export function batchNormOf(trained: {
  readonly weight: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
  readonly runningMean: ArrayLike<number>;
  readonly runningVar: ArrayLike<number>;
  readonly eps?: number;
}): { scale: Float64Array; shift: Float64Array } {
  const { weight, bias, runningMean, runningVar, eps = 1e-5 } = trained;
  const scale = Float64Array.from(weight, (gamma, c) => gamma / Math.sqrt(runningVar[c] + eps));
  return { scale, shift: scale.map((factor, c) => bias[c] - factor * runningMean[c]) };
}

/** y = scale · x + shift, channel by channel. One plain product an element, and one level in CKKS. */
export class EncodedBatchNorm extends AffineLayer {
  readonly kind = 'BatchNorm';
  private readonly scale: Float64Array;
  private readonly shift: Float64Array;
  private readonly axis: number;

  /**
   * Copies the numbers.
   * @param options a factor and a shift for each channel, and the axis of channels
   * @throws HeLayerError for numbers that are not finite
   */
  constructor({ scale, shift, axis = 1, name = 'batchnorm' }: BatchNormOptions) {
    super(name);
    this.scale = Float64Array.from(scale);
    this.shift = Float64Array.from(shift);
    this.axis = axis;
    if (![...this.scale, ...this.shift].every(Number.isFinite))
      throw new HeLayerError(`Layer ${name}: a factor or shift is not a finite number.`);
  }

  protected override build(input: readonly number[]) {
    const channels = input[this.axis];
    for (const { length } of [this.scale, this.shift])
      if (channels === undefined || (length !== 1 && length !== channels))
        throw misfit(this.name, input, `${length} channels on axis ${this.axis}`);
    const along = (values: Float64Array) => {
      const behind = input.slice(this.axis + 1).map(() => 1);
      return broadcastTo({ shape: [values.length, ...behind], data: values }, input).data;
    };
    const identity = SparseMatrix.identity(sizeOf(input));
    const matrix = SparseMatrix.selectRows(identity, identity.columnIndex, along(this.scale));
    return {
      map: new AffineMap(matrix, along(this.shift)),
      shape: input,
    };
  }
}
