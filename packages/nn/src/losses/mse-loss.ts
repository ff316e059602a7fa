/** Squared differences. */
import type { CrypTensor, Operand } from '@tacit/tensor';
import { Loss } from './loss.js';
import { elementTarget } from './targets.js';

/** The squared difference of each element. */
export class MSELoss extends Loss {
  protected override each(prediction: CrypTensor, target: Operand): CrypTensor {
    return prediction.sub(elementTarget('MSELoss', prediction, target)).square();
  }
}
