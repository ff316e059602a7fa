/** One step of training: what `crossValidate` repeats. */
import { type CrypTensor, noGrad, tidy } from '@tacit/tensor';
import type { Loss } from '../losses/index.js';
import type { Module } from '../module.js';
import type { Optimizer } from '../optim/index.js';

/** What says how good predictions are: one number that gradients flow back from, for predictions and targets of a batch. */
export type Criterion = Loss | ((prediction: CrypTensor, target: CrypTensor) => CrypTensor);

/**
 * The loss of a batch.
 * @param loss a loss, or a function
 * @param prediction what a model makes of a batch
 * @param target what it should make of it
 * @returns a handle, at once
 */
export const lossOf = (loss: Criterion, prediction: CrypTensor, target: CrypTensor): CrypTensor =>
  typeof loss === 'function' ? loss(prediction, target) : loss.forward(prediction, target);

/**
 * Moves the parameters of a model once. Issues everything and returns at once.
 * @param model an encrypted model
 * @param optimizer what moves its parameters
 * @param loss what is made small
 * @param inputs a batch
 * @param targets its targets
 * @returns the loss of the batch before the step, which is the caller's
 */
export function trainStep(
  model: Module,
  optimizer: Optimizer,
  loss: Criterion,
  inputs: CrypTensor,
  targets: CrypTensor,
): CrypTensor {
  optimizer.zeroGrad();
  const value = tidy(inputs.context, () => lossOf(loss, model.forward(inputs), targets));
  value.backward();
  optimizer.step();
  const told = noGrad(() => value.detach());
  value.dispose();
  return told;
}
