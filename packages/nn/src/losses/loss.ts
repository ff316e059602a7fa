/** What losses have in common: a number for each example or element, and how these are reduced to one. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { type CrypTensor, type Operand, tidy } from '@tacit/tensor';

/** How the losses of examples or elements become one number; 'none' leaves them. */
export type Reduction = 'mean' | 'sum' | 'none';

export interface LossOptions {
  /** Default 'mean'. */
  readonly reduction?: Reduction;
}

const REDUCTIONS: readonly string[] = ['mean', 'sum', 'none'];

/** The base of all losses. */
export abstract class Loss {
  readonly reduction: Reduction;

  /**
   * A loss.
   * @param options `reduction`
   * @throws ArgumentError for another reduction
   */
  constructor(options: LossOptions = {}) {
    checkOptions(this.constructor.name, options, ['reduction']);
    const { reduction = 'mean' } = options;
    if (!REDUCTIONS.includes(reduction))
      throw new ArgumentError(`a loss is reduced by 'mean', 'sum' or 'none', not '${String(reduction)}'`);
    this.reduction = reduction;
  }

  /** The loss of each example or element. */
  protected abstract each(prediction: CrypTensor, target: Operand): CrypTensor;

  /**
   * The loss of a prediction.
   * @param prediction what a model makes of a batch
   * @param target what it should make of it
   * @returns one number, or one for each example or element without a reduction
   * @throws ShapeError where the shapes do not fit
   */
  forward(prediction: CrypTensor, target: Operand): CrypTensor {
    return tidy(prediction.context, () => {
      const losses = this.each(prediction, target);
      if (this.reduction === 'none') return losses;
      return this.reduction === 'mean' ? losses.mean() : losses.sum();
    });
  }
}
