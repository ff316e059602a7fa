/** Cross entropy of classes. */
import type { CrypTensor, Operand } from '@tacit/tensor';
import { Loss } from './loss.js';
import { oneHotTarget } from './targets.js';

/**
 * Cross entropy of logits [N, C] (or [N, C, ...]) and classes: -sum of target * logSoftmax(logits) over the classes. The
 * target is one-hot rows of the shape of the logits (or probabilities), or indices without the axis of classes.
 */
export class CrossEntropyLoss extends Loss {
  protected override each(logits: CrypTensor, target: Operand): CrypTensor {
    const classes = oneHotTarget('CrossEntropyLoss', logits, target);
    return logits.logSoftmax(1).mul(classes).sum(1).neg();
  }
}
