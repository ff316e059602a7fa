/** Squared differences. */
import type { CrypTensor, Operand } from '@tacit/tensor';
import { Loss } from './loss.js';
import { requireSameShape } from './targets.js';

/** The squared difference of each element. */
export class MSELoss extends Loss {
  protected override each(prediction: CrypTensor, target: Operand): CrypTensor {
    requireSameShape('MSELoss', prediction, target);
    return prediction.sub(target).square();
  }
}
