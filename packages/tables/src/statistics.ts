/**
 * Statistics of secret columns over rows that secret weights choose, such as those that matched in a linkage: rows of
 * weight 0 count for nothing, and nobody learns which they are or how many.
 *
 * Sums over all rows may leave the range of values (2^28 at 16 fraction bits): ten thousand incomes do. What is computed of
 * them is in range, up to 2^20 rows. Squared deviations have to be in range each: deviations below 2^14.
 */
import { ShapeError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import { type CrypTensor, tidy } from '@tacit/tensor';

/** How columns are standardised. */
export interface StandardizeOptions {
  /** What is added to variances, so that a constant column stays finite. Default 2^-10. */
  readonly eps?: number;
}

/**
 * The mean of each column over the rows that weigh something; 0 where none does. Rounds: those of three products and
 * three quotients.
 * @param values [rows] or [rows, columns]
 * @param weights [rows]: zeros and ones, or other weights from 0 on
 * @returns a number, or [columns]
 * @throws ShapeError where the shapes do not fit
 * @example const income = weightedMean(joined.left.column('income'), joined.matched);
 */
export function weightedMean(values: CrypTensor, weights: CrypTensor): CrypTensor {
  return tidy(values.context, () => {
    const rows = asColumn('weightedMean', values, weights);
    return rowsMean(values, rows, total(rows));
  });
}

/**
 * The variance of each column over the rows that weigh something, divided by the sum of weights. Rounds: twice those of
 * `weightedMean`.
 * @param values [rows] or [rows, columns]
 * @param weights [rows]: zeros and ones, or other weights from 0 on
 * @returns a number, or [columns]
 * @throws ShapeError where the shapes do not fit
 * @example const spread = weightedVariance(income, joined.matched).sqrt();
 */
export function weightedVariance(values: CrypTensor, weights: CrypTensor): CrypTensor {
  return tidy(values.context, () => {
    const rows = asColumn('weightedVariance', values, weights);
    const sum = total(rows);
    return rowsMean(values.sub(rowsMean(values, rows, sum)).square(), rows, sum);
  });
}

/**
 * The columns less their mean, divided by their deviation, both over the rows that weigh something; the other rows become
 * zeros. What a model is trained on. Rounds: those of `weightedVariance`, of an inverse root and of two products.
 * @param values [rows] or [rows, columns]
 * @param weights [rows]: zeros and ones
 * @param options `eps`
 * @returns the shape of the values
 * @throws ShapeError where the shapes do not fit; ArgumentError for options that do not exist
 * @example const x = standardized(joined.left.values, joined.matched);
 */
export function standardized(
  values: CrypTensor,
  weights: CrypTensor,
  options: StandardizeOptions = {},
): CrypTensor {
  checkOptions('standardized', options, ['eps']);
  const { eps = 2 ** -10 } = options;
  return tidy(values.context, () => {
    const rows = asColumn('standardized', values, weights);
    const sum = total(rows);
    const centred = values.sub(rowsMean(values, rows, sum));
    const deviation = rowsMean(centred.square(), rows, sum).add(eps).invSqrt();
    return centred.mul(rows).mul(deviation);
  });
}

/** Weights in the shape of the rows that they weigh. */
function asColumn(what: string, values: CrypTensor, weights: CrypTensor): CrypTensor {
  const [rows, ...others] = values.shape;
  if (values.rank === 0 || values.rank > 2 || String(weights.shape) !== String([rows]))
    throw new ShapeError(
      `${what} takes values [rows] or [rows, columns] and a weight for each row, not [${values.shape}] and [${weights.shape}]`,
    );
  return weights.reshape([rows, ...others.map(() => 1)]);
}

const total = (rows: CrypTensor): CrypTensor => rows.sum();

/**
 * Of each column the sum of weighted values by the sum of weights: first the mean of weighted values by the sum, times the
 * number of rows, which is in range and off by 2^-10 of itself, or by twice that number in the last place. The sum of what
 * it leaves is in range, and divided, twice: a quotient is off by 2^-10 of its value, too. A sum of weights of 0 is taken
 * for the least divisor, and the mean of no rows is 0.
 */
function rowsMean(values: CrypTensor, rows: CrypTensor, sum: CrypTensor): CrypTensor {
  if (values.shape[0] === 0) return values.sum(0);
  const near = values.mul(rows).mean(0).div(sum).mul(values.shape[0]);
  const left = values.sub(near).mul(rows).sum(0);
  const nearer = left.div(sum);
  return near.add(nearer).add(left.sub(nearer.mul(sum)).div(sum));
}
