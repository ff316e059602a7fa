/** Cross entropy of two classes, from probabilities. */
import type { CrypTensor, Operand } from '@tacit/tensor';
import { binaryCrossEntropy } from './binary-cross-entropy.js';
import { Loss } from './loss.js';
import { elementTarget, PROBABILITIES } from './targets.js';

/**
 * -(t log p + (1 - t) log(1 - p)) of each element, for probabilities p and t. Logarithms are those of 2^-14 at least
 * (-9.7, where PyTorch has -100), and the gradient is that of probabilities from 2^-8 to 1 - 2^-8: closer to 0 and 1 it
 * grows no further. Logits are better given to `BCEWithLogitsLoss`, which is right for all of them, in fewer rounds.
 */
export class BCELoss extends Loss {
  protected override each(prediction: CrypTensor, target: Operand): CrypTensor {
    return binaryCrossEntropy(prediction, elementTarget('BCELoss', prediction, target, PROBABILITIES));
  }
}
