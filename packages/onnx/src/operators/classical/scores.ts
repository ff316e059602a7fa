/** What classifiers of the operator set ai.onnx.ml have in common: transforms of scores, and labels. */
import { plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../../node-context.js';

const TRANSFORMS = ['NONE', 'LOGISTIC', 'SOFTMAX'] as const;
export type Transform = (typeof TRANSFORMS)[number];

export function transformOf(context: NodeContext): Transform {
  const name = context.string('post_transform', 'NONE');
  return TRANSFORMS.find((one) => one === name) ?? context.fail(`post_transform ${name} is not supported`);
}

/** Values whose rows are positive and have a sum of 1, so that they need not be divided by it. */
const PROBABILITIES = new WeakSet<Value>();
export const markProbabilities = (value: Value): void => void PROBABILITIES.add(value);
export const areProbabilities = (value: Value): boolean => PROBABILITIES.has(value);

/** Scores of two classes or more, [rows, classes], as they are told. */
export function transformed(context: NodeContext, scores: Value, transform: Transform): Value {
  if (transform === 'NONE') return scores;
  if (transform === 'LOGISTIC') return context.emit('Sigmoid', [scores], {});
  const made = context.emit('Softmax', [scores], { axis: 1 });
  markProbabilities(made);
  return made;
}

/** The classes of a classifier. */
export interface ClassLabels {
  readonly count: number;
  /** None where they are texts. */
  readonly numbers: readonly number[];
  /** Sets output 0 to labels, or says that texts cannot be computed with. */
  tell(make: () => Value): void;
}

/**
 * Reads the classes.
 * @param context of the classifier
 * @param attribute its labels that are integers
 */
export function classLabels(context: NodeContext, attribute: string): ClassLabels {
  const texts = context.strings('classlabels_strings') ?? [];
  const numbers = context.ints(attribute) ?? [];
  const tell = (make: () => Value): void => {
    if (texts.length === 0) context.result(make());
    else if (context.isUsed(0))
      context.reject('its labels are texts: number the classes, or leave the labels out of the outputs');
  };
  return { count: Math.max(texts.length, numbers.length), numbers, tell };
}

/** The label of the largest score: [rows]. */
export function labelOf(context: NodeContext, scores: Value, labels: readonly number[]): Value {
  const index = context.emit('ArgMax', [scores], { axis: 1, keepDims: false }, 'int');
  if (labels.every((label, i) => label === i)) return index;
  const table = context.makeConstant('labels', plainTensor([labels.length], labels), 'int');
  return context.emit('Lookup', [table, index], { oneHot: false }, 'int');
}

/** The second of two labels where a score [rows, 1] is above a limit, else the first: [rows]. */
export function labelOfTwo(
  context: NodeContext,
  score: Value,
  [low = 0, high = 1]: readonly number[],
  limit = 0,
): Value {
  const number = (value: number): Value => context.makeConstant('number', plainTensor([], [value]), 'int');
  const above = context.emit(
    'Greater',
    [score, context.makeConstant('limit', plainTensor([], [limit]))],
    {},
    'int',
  );
  const hit = context.emit('Squeeze', [above], { axes: [1] });
  if (low === 0 && high === 1) return hit;
  return context.emit('Add', [context.emit('Mul', [hit, number(high - low)], {}), number(low)], {});
}
