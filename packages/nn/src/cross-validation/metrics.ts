/** How good predictions are. */
import { ShapeError } from '@tacit/errors';
import { type CrypTensor, tidy } from '@tacit/tensor';

/** One number for predictions and targets, such as an accuracy. */
export type Metric = (prediction: CrypTensor, target: CrypTensor) => CrypTensor;

/**
 * The part of examples whose class is predicted right: where the largest number of a row is that of the target.
 * @param prediction [examples, classes]
 * @param target one-hot rows [examples, classes], or classes [examples]
 * @returns a number from 0 to 1
 * @throws ShapeError where the shapes do not fit
 * @example const part = accuracy(model.forward(x), y);
 */
export function accuracy(prediction: CrypTensor, target: CrypTensor): CrypTensor {
  const [examples, classes] = prediction.shape;
  const rows = String(target.shape) === String([examples, classes]);
  if (prediction.rank !== 2 || !(rows || String(target.shape) === String([examples])))
    throw new ShapeError(
      `accuracy takes predictions [examples, classes] and as many one-hot rows or classes, not [${prediction.shape}] and [${target.shape}]`,
    );
  return tidy(prediction.context, () =>
    (rows ? prediction.argmaxOneHot(1).mul(target).sum(1) : prediction.argmax(1).eq(target)).mean(),
  );
}
