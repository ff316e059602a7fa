/** Cross entropy of classes. */
import type { CrypTensor, Operand } from '@tacit/tensor';
import { Loss } from './loss.js';
import { classAxis, oneHotTarget } from './targets.js';

/**
 * Cross entropy of logits [N, C] (or [N, C, ...], or [C]) and classes: -sum of target * logSoftmax(logits) over the
 * classes. The target is one-hot rows of the shape of the logits (or probabilities), or indices without the axis of
 * classes, secret or public. The logarithm is at most 2^-8 off.
 *
 * @example new nn.CrossEntropyLoss().forward(model.forward(x), labels).backward();
 */
export class CrossEntropyLoss extends Loss {
  protected override each(logits: CrypTensor, target: Operand): CrypTensor {
    const classes = oneHotTarget('CrossEntropyLoss', logits, target, true);
    const axis = classAxis(logits);
    return logits.logSoftmax(axis).mul(classes).sum(axis).neg();
  }
}
