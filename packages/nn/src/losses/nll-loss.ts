/** Negative log-likelihood of classes. */
import type { CrypTensor, Operand } from '@tacit/tensor';
import { Loss } from './loss.js';
import { classAxis, oneHotTarget } from './targets.js';

/**
 * The negative of the log-probability of the right class: predictions are log-probabilities [N, C] (or [N, C, ...], or
 * [C]), as of `logSoftmax`. The target is one-hot rows of that shape, or indices without the axis of classes, secret or
 * public.
 */
export class NLLLoss extends Loss {
  protected override each(logProbabilities: CrypTensor, target: Operand): CrypTensor {
    const classes = oneHotTarget('NLLLoss', logProbabilities, target, false);
    return logProbabilities.mul(classes).sum(classAxis(logProbabilities)).neg();
  }
}
