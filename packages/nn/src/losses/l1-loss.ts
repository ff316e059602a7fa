/** Absolute differences. */
import type { CrypTensor, Operand } from '@tacit/tensor';
import { Loss } from './loss.js';
import { elementTarget } from './targets.js';

/** The absolute difference of each element; its gradient is 0 where there is none. */
export class L1Loss extends Loss {
  protected override each(prediction: CrypTensor, target: Operand): CrypTensor {
    return prediction.sub(elementTarget('L1Loss', prediction, target)).abs();
  }
}
