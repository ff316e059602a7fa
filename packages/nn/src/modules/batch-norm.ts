/**
 * Batch normalisation (Ioffe, Szegedy 2015): by the statistics of the batch while a model is trained, by running ones, which
 * stay private, afterwards.
 */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { CrypTensor, noGrad, OwnedTensor, tidy, type WeightScales } from '@tacit/tensor';
import { batchNormalization } from '../export/module-nodes.js';
import type { OnnxDraft, OnnxValue } from '../export/onnx-draft.js';
import { Module } from '../module.js';
import { ModuleBuffer, Parameter } from '../parameter.js';
import { requireReal, requireSizes, requireTruth } from './sizes.js';
import { standardized, withStatistics } from './standardized.js';

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Part of the running statistics that a batch makes up. Default 0.1. */
  readonly momentum?: number;
  /** Whether each channel has a factor and a summand. Default true. */
  readonly affine?: boolean;
  /** Whether running statistics are kept; without them those of the batch are used always. Default true. */
  readonly trackRunningStats?: boolean;
}

/** What normalises a batch. */
export interface BatchStatistics {
  readonly weight?: Parameter;
  readonly bias?: Parameter;
  readonly runningMean?: Parameter;
  readonly runningVar?: Parameter;
  readonly eps: number;
  /** Part of the running statistics that a batch makes up. */
  readonly momentum: number;
}

/** 1 / sqrt(variance + eps) of a secret variance that stays the same over many batches. */
export class RunningInverse {
  #of: CrypTensor | undefined;
  #inverse: CrypTensor | undefined;

  /** Made once for each value of the variance. */
  of(variance: CrypTensor, eps: number): CrypTensor {
    if (this.#inverse && this.#of === variance) return this.#inverse;
    this.dispose();
    const { context } = variance;
    this.#of = variance;
    this.#inverse = context.outsideScopes(() =>
      noGrad(() => tidy(context, () => variance.add(eps).invSqrt())),
    );
    return this.#inverse;
  }

  /** Frees it. */
  dispose(): void {
    this.#inverse?.dispose();
    this.#inverse = undefined;
    this.#of = undefined;
  }
}

/**
 * Normalises by the statistics of the batch, and adds them to the running ones.
 * @param x batch [N, C, ...]
 * @param statistics factor, summand, running statistics where there are any
 * @returns the shape of x
 * @throws ShapeError where there are not two numbers of a channel
 * @throws ArgumentError where running statistics are kept in the clear by a party
 */
export function normalizedByBatch(x: CrypTensor, statistics: BatchStatistics): CrypTensor {
  const { runningMean, runningVar, eps, momentum } = statistics;
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  if (count < 2)
    throw new ShapeError(
      `batch normalisation of [${x.shape}]: a batch that is trained on has two numbers a channel or more; call eval() for inference`,
    );
  if (!runningMean || !runningVar)
    return tidy(x.context, () => affine(standardized(x, axes, eps), statistics));
  const kept = [runningMean, runningVar].map(({ operand }) => operand);
  if (!kept.every((operand) => operand instanceof CrypTensor))
    throw new ArgumentError(
      "a model of mode 'owned' is not trained, and its running statistics stay: call eval(), or encrypt with mode 'shared'",
    );
  return tidy(x.context, () => {
    const { standard, mean, variance } = withStatistics(x, axes, eps);
    follow(runningMean, mean, momentum);
    follow(runningVar, variance, momentum, count / (count - 1));
    return affine(standard, statistics);
  });
}

/** The running statistic moves towards that of a batch, times a factor. */
function follow(buffer: Parameter, statistic: CrypTensor, momentum: number, factor = 1): void {
  const { context } = statistic;
  const moved = (before: CrypTensor): CrypTensor =>
    before.mul(1 - momentum).add(statistic.reshape(buffer.shape).mul(momentum * factor));
  buffer.assign(
    context.outsideScopes(() =>
      noGrad(() => tidy(context, () => moved((buffer.operand as CrypTensor).detach()))),
    ),
  );
}

/**
 * Normalises by the running statistics.
 * @param x batch [N, C, ...]
 * @param statistics factor, summand and running statistics
 * @param inverse keeps what depends on the variance alone
 * @returns the shape of x
 */
export function normalizedByRunning(
  x: CrypTensor,
  { weight, bias, runningMean, runningVar, eps }: BatchStatistics,
  inverse: RunningInverse,
): CrypTensor {
  if (!runningMean || !runningVar) throw new ArgumentError('there are no running statistics');
  return tidy(x.context, () => {
    const centred = x.sub(along(runningMean.operand, x.rank));
    const factor = weight?.operand;
    const variance = runningVar.operand;
    const scale = variance instanceof OwnedTensor ? ownedScale(variance, factor, eps) : undefined;
    let y: CrypTensor;
    if (scale) y = centred.mul(along(scale, x.rank));
    else {
      const root =
        variance instanceof OwnedTensor
          ? variance.map((v) => 1 / Math.sqrt(v + eps), inverseScales(variance))
          : inverse.of(variance, eps);
      // The factor last: its product with the inverse of a large deviation would have few bits.
      y = centred.mul(along(root, x.rank));
      if (factor) y = y.mul(along(factor, x.rank));
    }
    return bias ? y.add(along(bias.operand, x.rank)) : y;
  });
}

/** The factor over the deviation, computed by the owner of both. */
function ownedScale(
  variance: OwnedTensor,
  factor: CrypTensor | OwnedTensor | undefined,
  eps: number,
): OwnedTensor | undefined {
  if (factor && !(factor instanceof OwnedTensor && factor.owner === variance.owner)) return undefined;
  const known = scales.get(variance)?.get(factor ?? variance);
  if (known) return known;
  const { context, owner, shape, values } = variance;
  const quotients = values?.map((v, i) => (factor?.values?.[i] ?? 1) / Math.sqrt(v + eps));
  const made = new OwnedTensor(context, owner, shape, quotients, inverseScales(variance));
  const byFactor = scales.get(variance) ?? new WeakMap<OwnedTensor, OwnedTensor>();
  byFactor.set(factor ?? variance, made);
  scales.set(variance, byFactor);
  return made;
}
/** The inverse of a large deviation is small, which only its owner knows: a second term keeps those. */
function inverseScales({ context }: OwnedTensor): WeightScales {
  const { fractionBits } = context.precision;
  return [fractionBits, 2 * fractionBits + 1];
}

/** Masked once, as weights are. */
const scales = new WeakMap<OwnedTensor, WeakMap<OwnedTensor, OwnedTensor>>();

function affine(x: CrypTensor, { weight, bias }: BatchStatistics): CrypTensor {
  const scaled = weight ? x.mul(along(weight.operand, x.rank)) : x;
  return bias ? scaled.add(along(bias.operand, x.rank)) : scaled;
}

/** A vector over the channel axis. */
const along = <T extends CrypTensor | OwnedTensor>(vector: T, rank: number): T =>
  vector.reshape([vector.shape[0], ...new Array<number>(rank - 2).fill(1)]) as T;

/** What both normalisations are made of. */
abstract class BatchNorm extends Module {
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: ModuleBuffer | undefined;
  readonly runningVar: ModuleBuffer | undefined;
  readonly eps: number;
  readonly momentum: number;
  readonly #inverse = new RunningInverse();

  /**
   * A normalisation with factors 1 and summands 0.
   * @param numFeatures channels
   * @param options eps, momentum, affine, trackRunningStats
   * @throws ArgumentError for sizes that are not positive whole numbers, numbers out of range, and options that do not exist
   */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super();
    const { name } = new.target;
    checkOptions(name, options, ['eps', 'momentum', 'affine', 'trackRunningStats']);
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    requireSizes(name, { numFeatures });
    this.eps = requireReal(name, 'eps', eps, 0);
    this.momentum = requireReal(name, 'momentum', momentum, 0, 1);
    const shape = [numFeatures];
    const ones = { kind: 'constant', value: 1 } as const;
    if (requireTruth(name, 'affine', affine)) {
      this.weight = new Parameter(shape, { name: 'weight', initializer: ones });
      this.bias = new Parameter(shape, { name: 'bias' });
    }
    if (requireTruth(name, 'trackRunningStats', trackRunningStats)) {
      this.runningMean = new ModuleBuffer(shape, { name: 'runningMean' });
      this.runningVar = new ModuleBuffer(shape, { name: 'runningVar', initializer: ones });
    }
    this.#channels = numFeatures;
  }
  readonly #channels: number;

  /** Whether it takes tensors of so many axes. */
  protected abstract fits(rank: number): boolean;

  override toOnnx(draft: OnnxDraft, x: OnnxValue): readonly OnnxValue[] | undefined {
    return batchNormalization(draft, x, this);
  }

  override forward(x: CrypTensor): CrypTensor {
    if (!this.fits(x.rank) || x.shape[1] !== this.#channels)
      throw new ShapeError(`${this.constructor.name} of ${this.#channels} channels: an input [${x.shape}]`);
    if (this.training || !this.runningVar) return normalizedByBatch(x, this);
    return normalizedByRunning(x, this, this.#inverse);
  }

  override dispose(): void {
    this.#inverse.dispose();
    super.dispose();
  }
}

/** Batch normalisation of [N, C] or [N, C, L], for each channel. */
export class BatchNorm1d extends BatchNorm {
  protected override fits(rank: number): boolean {
    return rank === 2 || rank === 3;
  }
}

/** Batch normalisation of [N, C, H, W], for each channel. */
export class BatchNorm2d extends BatchNorm {
  protected override fits(rank: number): boolean {
    return rank === 4;
  }
}
