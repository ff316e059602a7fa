/** What losses have in common: a number for each example or element, and how these are reduced to one. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { CrypTensor, type Operand, tidy } from '@tacit/tensor';

/** How the losses of examples or elements become one number; 'none' leaves them. */
export type Reduction = 'mean' | 'sum' | 'none';

export interface LossOptions {
  /** Default 'mean'. */
  readonly reduction?: Reduction;
}

const REDUCTIONS: readonly string[] = ['mean', 'sum', 'none'];

/**
 * The base of all losses. What is secret cannot be checked: that secret labels are one-hot rows, indices of classes,
 * probabilities or signs, as a loss wants them, is promised. Public ones are checked.
 */
export abstract class Loss {
  readonly reduction: Reduction;

  /**
   * A loss.
   * @param options `reduction`
   * @throws ArgumentError for another reduction, and for options that do not exist
   */
  constructor(options: LossOptions = {}) {
    checkOptions(this.constructor.name, options, ['reduction']);
    this.reduction = oneOf(this.constructor.name, options.reduction ?? 'mean', REDUCTIONS) as Reduction;
  }

  /** The loss of each example or element. */
  protected abstract each(prediction: CrypTensor, target: Operand): CrypTensor;

  /**
   * The loss of a prediction.
   * @param prediction what a model makes of a batch
   * @param target what it should make of it
   * @returns one number, or one for each example or element without a reduction
   * @throws ShapeError where the shapes do not fit
   * @throws ArgumentError where the prediction is not secret, or a public target is not one: NaN, no one-hot rows
   */
  forward(prediction: CrypTensor, target: Operand): CrypTensor {
    if (!(prediction instanceof CrypTensor))
      throw new ArgumentError(`${this.constructor.name}: the prediction is not a secret tensor`);
    return tidy(prediction.context, () => this.reduced(this.each(prediction, target), prediction));
  }

  /** One number, or as many as there are without a reduction. */
  protected reduced(losses: CrypTensor, _prediction: CrypTensor): CrypTensor {
    if (this.reduction === 'none') return losses;
    return this.reduction === 'mean' ? losses.mean() : losses.sum();
  }
}

/**
 * One of some words.
 * @param loss name of the loss, for the error
 * @param value the reduction as given
 * @param known the reductions that it has
 * @returns the value
 * @throws ArgumentError for another one
 */
export function oneOf(loss: string, value: string, known: readonly string[]): string {
  if (!known.includes(value))
    throw new ArgumentError(
      `${loss} is reduced by ${known.map((name) => `'${name}'`).join(', ')}, not '${String(value)}'`,
    );
  return value;
}
