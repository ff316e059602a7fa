/** The loss of support vector machines. */
import type { CrypTensor, Operand } from '@tacit/tensor';
import { Loss } from './loss.js';
import { elementTarget, SIGNS } from './targets.js';

/**
 * max(0, 1 - y f) of each element, for labels y of 1 and -1: with a linear layer and a weight decay a linear support
 * vector machine.
 */
export class HingeLoss extends Loss {
  protected override each(prediction: CrypTensor, target: Operand): CrypTensor {
    const labels = elementTarget('HingeLoss', prediction, target, SIGNS);
    return prediction.mul(labels).neg().add(1).relu();
  }
}
