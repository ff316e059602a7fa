/** Cross entropy of two classes of which some labels were flipped. */
import { ArgumentError } from '@tacit/errors';
import type { CrypTensor, Operand } from '@tacit/tensor';
import { BCEWithLogitsLoss } from './bce-with-logits-loss.js';
import { binaryCrossEntropy } from './binary-cross-entropy.js';
import { Loss, type LossOptions } from './loss.js';
import { elementTarget, PROBABILITIES } from './targets.js';

/**
 * Cross entropy of logits x and labels of randomised response, as CrypTen's: of t and r = alpha p + (1 - alpha)(1 - p), p
 * being sigmoid(x) and alpha the probability that a label was kept. As in CrypTen, alpha = 0 stands for no correction: r
 * is p then, as for alpha = 1.
 */
export class RAPPORLoss extends Loss {
  readonly alpha: number;
  readonly #uncorrected = new BCEWithLogitsLoss({ reduction: 'none' });

  /**
   * A loss for labels that were flipped at random.
   * @param alpha probability that a label is the right one
   * @param options `reduction`
   * @throws ArgumentError where alpha is not a probability, or is 1/2: the labels say nothing then
   * @example new nn.RAPPORLoss(0.9)
   */
  constructor(alpha: number, options: LossOptions = {}) {
    super(options);
    if (typeof alpha !== 'number' || !(alpha >= 0 && alpha <= 1))
      throw new ArgumentError(`RAPPORLoss: alpha is a probability, not ${String(alpha)}`);
    if (alpha === 0.5)
      throw new ArgumentError('RAPPORLoss: labels that are right with probability 1/2 say nothing');
    this.alpha = alpha;
  }

  protected override each(logits: CrypTensor, target: Operand): CrypTensor {
    const t = elementTarget('RAPPORLoss', logits, target, PROBABILITIES);
    if (this.alpha === 0 || this.alpha === 1) return this.#uncorrected.forward(logits, t);
    const r = logits
      .sigmoid()
      .mul(2 * this.alpha - 1)
      .add(1 - this.alpha);
    return binaryCrossEntropy(r, t);
  }
}
