/**
 * Linear models of the operator set ai.onnx.ml, as scikit-learn's are exported by skl2onnx: their weights are attributes.
 * What a single score means for two classes is onnxruntime's: without a transform 1 - s and s.
 */
import { plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../../node-context.js';
import { ALL_OPSETS, CLASSICAL, type OnnxOperator } from '../../operator.js';
import {
  classLabels,
  labelOf,
  labelOfTwo,
  markProbabilities,
  type Transform,
  transformed,
  transformOf,
} from './scores.js';

export const linearRegressorOnnx: OnnxOperator = {
  domain: CLASSICAL,
  name: 'LinearRegressor',
  opsets: ALL_OPSETS,
  note: 'without post_transform; becomes Linear',
  convert(context) {
    const targets = context.int('targets', 1);
    if (transformOf(context) !== 'NONE') context.fail('post_transform is supported for classifiers only');
    context.result(scoresOf(context, targets));
  },
};

export const linearClassifierOnnx: OnnxOperator = {
  domain: CLASSICAL,
  name: 'LinearClassifier',
  opsets: ALL_OPSETS,
  note: 'post_transform NONE, LOGISTIC, SOFTMAX; labels that are integers; scores become Linear, labels ArgMax',
  convert(context) {
    const transform = transformOf(context);
    context.ignore('multi_class');
    const labels = classLabels(context, 'classlabels_ints');
    const classes = labels.count;
    const rows = context.floats('intercepts')?.length ?? classes;
    if (classes < 2 || (rows !== classes && !(rows === 1 && classes === 2)))
      context.fail(`${rows} rows of weights do not fit ${classes} classes`);
    if (rows === 1 || (rows === 2 && transform === 'LOGISTIC' && isMirrored(context))) {
      const score = scoresOf(context, rows, rows - 1);
      labels.tell(() => labelOfTwo(context, score, labels.numbers));
      context.result(ofTwo(context, score, transform), 1);
      return;
    }
    const scores = scoresOf(context, rows);
    labels.tell(() => labelOf(context, scores, labels.numbers));
    context.result(transformed(context, scores, transform), 1);
  },
};

/** Whether the first of two classes has the second one's weights with the other sign, as of a logistic regression. */
function isMirrored(context: NodeContext): boolean {
  const opposite = (list: readonly number[] = []): boolean => {
    const half = list.length / 2;
    return list.slice(0, half).every((value, i) => value === -(list[half + i] ?? 0));
  };
  return opposite(context.floats('coefficients')) && opposite(context.floats('intercepts'));
}

/** x W^T + b for so many rows of weights, or for those from `first` on. */
function scoresOf(context: NodeContext, rows: number, first = 0): Value {
  const coefficients = context.floats('coefficients') ?? [];
  const intercepts = context.floats('intercepts') ?? [];
  const x = context.input(0);
  if (context.rank(x) !== 2) context.fail('its input must be a table [rows, columns]');
  const columns = coefficients.length / rows;
  if (!Number.isInteger(columns) || columns === 0)
    context.fail(`${coefficients.length} coefficients do not fit ${rows} rows`);
  if (intercepts.length > 0 && intercepts.length !== rows)
    context.fail(`${intercepts.length} intercepts do not fit ${rows} rows`);
  const width = rows - first;
  const turned = Float64Array.from({ length: columns * width }, (_, i) => {
    const [column, row] = [Math.floor(i / width), first + (i % width)];
    return coefficients[row * columns + column] ?? 0;
  });
  const weight = context.makeConstant('weight', { shape: [columns, width], data: turned });
  if (intercepts.length === 0) return context.emit('Linear', [x, weight], {});
  const bias = context.makeConstant('bias', plainTensor([width], intercepts.slice(first)));
  return context.emit('Linear', [x, weight, bias], {});
}

function ofTwo(context: NodeContext, score: Value, transform: Transform): Value {
  const second = transform === 'LOGISTIC' ? context.emit('Sigmoid', [score], {}) : score;
  const first = context.emit('Sub', [context.makeConstant('one', plainTensor([], [1])), second], {});
  const both = context.emit('Concat', [first, second], { axis: 1 });
  if (transform === 'LOGISTIC') markProbabilities(both);
  return both;
}
