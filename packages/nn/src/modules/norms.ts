/** Normalisation by the statistics of each example. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { checkOptions, sizeOf } from '@tacit/graph';
import { type CrypTensor, tidy } from '@tacit/tensor';
import { groupNormalization, layerNormalization } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { perChannel } from './conv.js';
import { requireReal, requireSizes, requireTruth } from './sizes.js';
import { standardized } from './standardized.js';

const ONES = { kind: 'constant', value: 1 } as const;

export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether each element has a factor and a summand. Default true. */
  readonly elementwiseAffine?: boolean;
  /** Whether there are summands beside the factors. Default true. */
  readonly bias?: boolean;
}

/** Normalisation over the last axes (Ba, Kiros, Hinton 2016). */
export class LayerNorm extends Module {
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly normalizedShape: readonly number[];
  readonly eps: number;

  /**
   * A normalisation with factors 1 and summands 0.
   * @param normalizedShape sizes of the last axes, or of the last one
   * @param options eps, elementwiseAffine, bias
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.LayerNorm(64)
   */
  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    checkOptions('LayerNorm', options, ['eps', 'elementwiseAffine', 'bias']);
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
    if (!Array.isArray(shape) || shape.length === 0)
      throw new ArgumentError(`LayerNorm: normalizedShape is ${JSON.stringify(normalizedShape)}`);
    requireSizes('LayerNorm', Object.fromEntries(shape.map((size, i) => [`size ${i}`, size])));
    this.normalizedShape = [...shape];
    this.eps = requireReal('LayerNorm', 'eps', eps, 0);
    requireTruth('LayerNorm', 'bias', bias);
    if (requireTruth('LayerNorm', 'elementwiseAffine', elementwiseAffine)) {
      this.weight = new Parameter(shape, { name: 'weight', initializer: ONES });
      if (bias) this.bias = new Parameter(shape, { name: 'bias' });
    }
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return layerNormalization(draft, x, this);
  }

  override forward(x: CrypTensor): CrypTensor {
    const own = this.normalizedShape;
    const first = x.rank - own.length;
    if (first < 0 || String(x.shape.slice(first)) !== String(own))
      throw new ShapeError(`LayerNorm over [${own}]: an input [${x.shape}]`);
    return tidy(x.context, () => {
      const y = standardized(
        x,
        own.map((_, i) => first + i),
        this.eps,
      );
      const scaled = this.weight ? y.mul(this.weight.operand) : y;
      return this.bias ? scaled.add(this.bias.operand) : scaled;
    });
  }
}

export interface GroupNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Whether each channel has a factor and a summand. Default true. */
  readonly affine?: boolean;
}

/** Normalisation of [N, C, ...] over groups of channels (Wu, He 2018). */
export class GroupNorm extends Module {
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly eps: number;

  /**
   * A normalisation with factors 1 and summands 0.
   * @param numGroups how many groups
   * @param numChannels channels, which the groups share evenly
   * @param options eps, affine
   * @throws ArgumentError for sizes that are not positive whole numbers, and options that do not exist
   * @example new nn.GroupNorm(4, 16)
   */
  constructor(
    readonly numGroups: number,
    readonly numChannels: number,
    options: GroupNormOptions = {},
  ) {
    super();
    checkOptions('GroupNorm', options, ['eps', 'affine']);
    const { eps = 1e-5, affine = true } = options;
    requireSizes('GroupNorm', { numGroups, numChannels, 'numChannels / numGroups': numChannels / numGroups });
    this.eps = requireReal('GroupNorm', 'eps', eps, 0);
    if (requireTruth('GroupNorm', 'affine', affine)) {
      this.weight = new Parameter([numChannels], { name: 'weight', initializer: ONES });
      this.bias = new Parameter([numChannels], { name: 'bias' });
    }
  }

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return groupNormalization(draft, x, this);
  }

  override forward(x: CrypTensor): CrypTensor {
    const { numGroups, numChannels, weight, bias } = this;
    if (x.rank < 2 || x.shape[1] !== numChannels)
      throw new ShapeError(`GroupNorm of ${numChannels} channels: an input [${x.shape}]`);
    return tidy(x.context, () => {
      const each = sizeOf(x.shape.slice(1)) / numGroups;
      const groups = x.reshape([x.shape[0], numGroups, each]);
      const y = standardized(groups, [2], this.eps).reshape(x.shape);
      const scaled = weight ? y.mul(perChannel(weight, x.rank)) : y;
      return bias ? scaled.add(perChannel(bias, x.rank)) : scaled;
    });
  }
}
