/** What fit and evaluate check of their arguments. */
import { ArgumentError } from '@tacit/errors';
import type { CrypTensor } from '@tacit/tensor';
import { Loss } from '../losses/index.js';
import { Module } from '../module.js';

/** A loss, or a function that is one: one number for a prediction and a target. */
export type LossFunction = Loss | ((prediction: CrypTensor, target: CrypTensor) => CrypTensor);

/**
 * A whole number from 1 on.
 * @throws ArgumentError for anything else
 */
export function requireCount(what: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new ArgumentError(`${what} is ${String(value)} instead of a whole number from 1 on`);
  return value;
}

/** True or false. @throws ArgumentError for anything else */
export function requireBoolean(what: string, value: boolean): boolean {
  if (typeof value !== 'boolean') throw new ArgumentError(`${what} is true or false, not ${String(value)}`);
  return value;
}

/** A function or nothing. @throws ArgumentError for anything else */
export function requireFunction(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw new ArgumentError(`${what} is a function, not ${typeof value}`);
}

/**
 * A model whose parameters belong to the session of some tensors.
 * @throws ArgumentError where they do not, or it is no model
 */
export function requireModel(what: string, model: Module, { context }: CrypTensor): void {
  if (!(model instanceof Module)) throw new ArgumentError(`${what} takes a model first`);
  for (const [name, parameter] of model.namedParameters())
    if (parameter.encrypted && parameter.operand.context !== context)
      throw new ArgumentError(`${what}: '${name}' and the inputs belong to different parties or sessions`);
}

/**
 * The loss of a batch as one number.
 * @throws ArgumentError where a loss has no reduction
 */
export function lossOf(loss: LossFunction): (prediction: CrypTensor, target: CrypTensor) => CrypTensor {
  if (loss instanceof Loss) {
    if (loss.reduction === 'none')
      throw new ArgumentError("the loss is reduced by 'none': training needs one number, by 'mean' or 'sum'");
    return (prediction, target) => loss.forward(prediction, target);
  }
  if (typeof loss !== 'function')
    throw new ArgumentError('loss is a loss, such as new nn.CrossEntropyLoss(), or a function');
  return loss;
}

/** How the loss of a batch counts in that of all: by its examples, or once where losses are added up. */
export const isSummed = (loss: LossFunction): boolean => loss instanceof Loss && loss.reduction === 'sum';
