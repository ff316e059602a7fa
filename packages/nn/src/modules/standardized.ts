/** Less the mean and over the standard deviation, with what it was standardised by. */
import { apply } from '@tacit/graph';
import { CrypTensor, secretOf } from '@tacit/tensor';

/**
 * Standardises along axes.
 * @param x tensor
 * @param axes axes that mean and variance are taken along
 * @param epsilon added to the variance
 * @returns the shape of x
 */
export function standardized(x: CrypTensor, axes: readonly number[], epsilon: number): CrypTensor {
  return outputs(x, axes, epsilon, 1)[0];
}

/** What `standardized` returns, with mean and variance (over the number of elements), with the axes as ones. */
export interface Statistics {
  readonly standard: CrypTensor;
  readonly mean: CrypTensor;
  readonly variance: CrypTensor;
}

/**
 * Standardises along axes, and says by what.
 * @param x tensor
 * @param axes axes that mean and variance are taken along
 * @param epsilon added to the variance
 * @returns the result and its statistics, which have no history for gradients
 */
export function withStatistics(x: CrypTensor, axes: readonly number[], epsilon: number): Statistics {
  const [standard, inverse, mean, variance] = outputs(x, axes, epsilon, 4);
  inverse.dispose();
  return { standard, mean, variance };
}

const outputs = ({ context, value }: CrypTensor, axes: readonly number[], epsilon: number, wanted: number) =>
  apply(context.backend, 'Standardize', [value], { axes, epsilon }, 'Standardize', wanted).map(
    (made) => new CrypTensor(secretOf(context, made)),
  );
