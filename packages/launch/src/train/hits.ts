/** How many predictions are right, in private. */
import { ShapeError } from '@tacit/errors';
import { type CrypTensor, noGrad, tidy } from '@tacit/tensor';
import { binaryLoss } from './names.js';

/**
 * How many rows are predicted right: the largest output is that of the class, or the output is on the right side of the
 * threshold of a loss of two classes.
 * @param loss name of the loss
 * @param output what the model makes of a batch
 * @param target one-hot rows, or 0 and 1
 * @returns one number, secret
 * @throws ShapeError for outputs that are not one row an example
 */
export function hits(loss: string, output: CrypTensor, target: CrypTensor): CrypTensor {
  const binary = binaryLoss(loss);
  if (output.rank !== 2 || String(output.shape) !== String(target.shape))
    throw new ShapeError(
      `accuracy is of outputs [rows, classes] and targets of the same shape, not [${output.shape}] and [${target.shape}]`,
    );
  return noGrad(() =>
    tidy(output.context, () => {
      const given = output.detach();
      if (!binary) return given.argmaxOneHot(1).mul(target).sum();
      const [first, second] = binary.targets;
      const positive = given.gt(binary.threshold);
      const wanted = target.sub(first).div(second - first);
      // 1 - p - y + 2 p y: one where both are the same.
      return positive.mul(wanted).mul(2).sub(positive).sub(wanted).add(1).sum();
    }),
  );
}
