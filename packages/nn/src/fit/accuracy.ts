/** How many predictions are right, counted in private. */
import type { CrypTensor } from '@tacit/tensor';
import { BCELoss } from '../losses/index.js';
import type { Batch } from './examples.js';

/** Whether an axis of classes stands for a decision among them. */
const hasClasses = ({ shape }: CrypTensor): boolean => shape.length > 1 && shape[1] > 1;

/**
 * Classes of one-hot rows. They are found once, and not in every epoch.
 * @param targets one-hot rows [N, C, ...], or anything else
 * @returns the indices of the classes; undefined where targets are none of several classes
 */
export const classesOf = (targets: CrypTensor): CrypTensor | undefined =>
  hasClasses(targets) ? targets.argmax(1) : undefined;

/**
 * How many predictions are right: the largest of the classes along axis 1 is that of the target (one-hot rows or indices);
 * of two classes, a logit is above 0 (after `BCELoss` a probability above 1/2) where the target is above 1/2.
 * @param prediction what a model makes of a batch
 * @param batch the batch
 * @param loss the loss, if there is one
 * @returns a whole number
 */
export function rightOnes(prediction: CrypTensor, { targets, classes }: Batch, loss: unknown): CrypTensor {
  if (hasClasses(prediction)) {
    const wanted = targets.rank === prediction.rank ? (classes ?? targets.argmax(1)) : targets;
    return prediction.argmax(1).eq(wanted).sum();
  }
  const positive = prediction.gt(loss instanceof BCELoss ? 0.5 : 0);
  return positive.eq(targets.reshape(prediction.shape).gt(0.5)).sum();
}
