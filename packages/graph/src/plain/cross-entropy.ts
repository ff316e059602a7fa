/**
 * The loss of a classifier: mean over examples of -log of the probability of the label, where probabilities are the
 * softmax of the logits. From the differences to the largest logit, so that no exponential overflows.
 */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { show, sizeOf } from '../shape/dims.js';

/** Numbers in either precision, row-major. */
interface Scores<D extends Float32Array | Float64Array> {
  readonly shape: readonly number[];
  readonly data: D;
}

/** How scores are read, and what the sum over the examples is divided by. */
export interface CrossEntropyOptions {
  /**
   * What the scores are. Logits by default; log-probabilities are logits as they are, since a softmax leaves them alone.
   * Of probabilities the logarithm is taken, which is lost where they underflow: better to cut the softmax off
   * (`withoutSoftmax`).
   */
  readonly scores?: 'logits' | 'probabilities';
  /** Number of examples of the whole batch, where these are a part of it. Default: as many as there are labels. */
  readonly examples?: number;
}

/** The loss, where it comes from and where it goes. */
export interface CrossEntropy<D extends Float32Array | Float64Array> {
  /** Sum over these examples, divided by the number of examples. */
  readonly loss: number;
  /** How many examples have their label as the first of the largest scores. */
  readonly correct: number;
  /** Of the scores, in their shape and precision. */
  readonly cotangent: Scores<D>;
}

/**
 * Mean cross entropy of scores with whole-number labels, and its gradient.
 * @param scores [examples, classes], or with further axes of size 1
 * @param labels class of each example, counted from 0
 * @param options what the scores are, and of how many examples the mean is
 * @returns loss, number of correct examples, cotangent of the scores
 * @throws ShapeError where scores are not one row for each label
 * @throws ArgumentError for a label that is no class, or for no example at all
 * @example crossEntropy(plainTensor([1, 2], [0, 0]), [1]).loss; // log 2
 */
export function crossEntropy<D extends Float32Array | Float64Array>(
  scores: Scores<D>,
  labels: ArrayLike<number>,
  options: CrossEntropyOptions = {},
): CrossEntropy<D> {
  const { shape, data } = scores;
  const { scores: kind = 'logits', examples = labels.length } = options;
  const [rows, classes = 0, ...others] = shape;
  if (shape.length < 2 || rows !== labels.length || sizeOf(others) !== 1)
    throw new ShapeError(
      `scores ${show(shape)} are not one row of classes for each of ${labels.length} labels`,
    );
  if (!(Number.isSafeInteger(examples) && examples >= Math.max(rows, 1)))
    throw new ArgumentError(`a mean of ${rows} examples as part of ${examples}`);
  const cotangent = (
    data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length)
  ) as D;
  let [sum, correct] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const label = labels[row];
    if (!(Number.isInteger(label) && label >= 0 && label < classes))
      throw new ArgumentError(`the label ${label} of example ${row} is not one of ${classes} classes`);
    const own = data.subarray(row * classes, (row + 1) * classes);
    const to = cotangent.subarray(row * classes, (row + 1) * classes);
    if (largest(own) === label) correct++;
    if (kind === 'probabilities') {
      sum -= Math.log(own[label]);
      to[label] = -1 / (own[label] * examples);
    } else sum += softmaxLoss(own, label, examples, to);
  }
  return { loss: sum / examples, correct, cotangent: { shape, data: cotangent } };
}

/** -log softmax(x)[label]; into `to`, its gradient divided by the number of examples. */
function softmaxLoss(
  x: Float32Array | Float64Array,
  label: number,
  examples: number,
  to: Float32Array | Float64Array,
): number {
  const top = x[largest(x)];
  let sum = 0;
  for (const value of x) sum += Math.exp(value - top);
  for (let i = 0; i < x.length; i++) to[i] = Math.exp(x[i] - top) / (sum * examples);
  // The difference to 1 by the other terms: exact where the label has nearly all of the probability.
  let rest = 0;
  for (let i = 0; i < x.length; i++) if (i !== label) rest += Math.exp(x[i] - top);
  to[label] = -rest / (sum * examples);
  return x[label] === top && rest < 1 ? Math.log1p(rest) : Math.log(sum) - (x[label] - top);
}

/** Place of the first of the largest elements. */
function largest(x: Float32Array | Float64Array): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) if (x[i] > x[best] || Number.isNaN(x[best])) best = i;
  return best;
}
