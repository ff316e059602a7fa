/** The divergence of distributions. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { CrypTensor, type Operand } from '@tacit/tensor';
import { Loss, oneOf, type Reduction } from './loss.js';
import { elementTarget, type Kind, secretOrPlain } from './targets.js';

export interface KLDivLossOptions {
  /** Default 'mean', over all elements. 'batchmean' is the sum over the size of the first axis: the divergence. */
  readonly reduction?: Reduction | 'batchmean';
  /** Whether the target is log-probabilities, too. Default false. */
  readonly logTarget?: boolean;
}

/** The least number of which the logarithm is right: 2^-14 at 16 fraction bits. */
const least = ({ context: { precision } }: CrypTensor): number => 2 ** (2 - precision.fractionBits);

const NOT_NEGATIVE: Kind = { what: 'a probability', holds: (v) => v >= 0 };

/**
 * The Kullback-Leibler divergence, as PyTorch's: t (log t - x) of each element, for log-probabilities x and probabilities
 * t; 0 where t is 0. With `logTarget` t is given by its logarithm. Of a secret t the logarithm is that of t + 2^-14, which is
 * in its domain for t = 0, too: the product with t is at most 2^-14 off by that.
 */
export class KLDivLoss extends Loss {
  readonly #batchMean: boolean;
  readonly #logTarget: boolean;

  /**
   * A divergence.
   * @param options `reduction`, `logTarget`
   * @throws ArgumentError for another reduction, and for options that do not exist
   * @example new nn.KLDivLoss({ reduction: 'batchmean' })
   */
  constructor(options: KLDivLossOptions = {}) {
    checkOptions('KLDivLoss', options, ['reduction', 'logTarget']);
    const { reduction = 'mean', logTarget = false } = options;
    oneOf('KLDivLoss', reduction, ['mean', 'batchmean', 'sum', 'none']);
    if (typeof logTarget !== 'boolean')
      throw new ArgumentError(`KLDivLoss: logTarget is true or false, not ${String(logTarget)}`);
    super({ reduction: reduction === 'batchmean' ? 'sum' : reduction });
    this.#batchMean = reduction === 'batchmean';
    this.#logTarget = logTarget;
  }

  protected override each(prediction: CrypTensor, target: Operand): CrypTensor {
    const given = elementTarget('KLDivLoss', prediction, target, this.#logTarget ? undefined : NOT_NEGATIVE);
    const t = secretOrPlain(prediction, given);
    if (t instanceof CrypTensor)
      return this.#logTarget ? t.exp().mul(t.sub(prediction)) : t.mul(t.add(least(t)).log().sub(prediction));
    const { shape: dims, data } = t;
    const weights = this.#logTarget ? data.map(Math.exp) : data;
    const entropy = data.map((v) => (this.#logTarget ? v * Math.exp(v) : v > 0 ? v * Math.log(v) : 0));
    return prediction.mul({ dims, data: weights }).neg().add({ dims, data: entropy });
  }

  protected override reduced(losses: CrypTensor, prediction: CrypTensor): CrypTensor {
    if (!this.#batchMean) return super.reduced(losses, prediction);
    const [batch = 1] = prediction.shape;
    if (batch === 0) throw new ArgumentError('KLDivLoss: the mean over no examples');
    return losses.sum().div(batch);
  }
}
