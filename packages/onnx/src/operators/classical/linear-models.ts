/**
 * Linear models of the operator set ai.onnx.ml, as scikit-learn's are exported by skl2onnx: their weights are attributes.
 * What a single score means for two classes is onnxruntime's: without a transform 1 - s and s.
 */
import { plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../../node-context.js';
import { ALL_OPSETS, CLASSICAL, type OnnxOperator } from '../../operator.js';
import { classLabels, labelOf, labelOfTwo, type Transform, transformed, transformOf } from './scores.js';

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
    const scores = scoresOf(context, rows);
    labels.tell(() =>
      rows === 1 ? labelOfTwo(context, scores, labels.numbers) : labelOf(context, scores, labels.numbers),
    );
    context.result(
      rows === 1 ? ofTwo(context, scores, transform) : transformed(context, scores, transform),
      1,
    );
  },
};

/** x W^T + b for so many rows of weights. */
function scoresOf(context: NodeContext, rows: number): Value {
  const coefficients = context.floats('coefficients') ?? [];
  const intercepts = context.floats('intercepts') ?? [];
  const x = context.input(0);
  if (context.rank(x) !== 2) context.fail('its input must be a table [rows, columns]');
  const columns = coefficients.length / rows;
  if (!Number.isInteger(columns) || columns === 0)
    context.fail(`${coefficients.length} coefficients do not fit ${rows} rows`);
  const turned = Float64Array.from({ length: coefficients.length }, (_, i) => {
    const [column, row] = [Math.floor(i / rows), i % rows];
    return coefficients[row * columns + column] ?? 0;
  });
  const weight = context.makeConstant('weight', { shape: [columns, rows], data: turned });
  if (intercepts.length === 0) return context.emit('Linear', [x, weight], {});
  if (intercepts.length !== rows) context.fail(`${intercepts.length} intercepts do not fit ${rows} rows`);
  return context.emit(
    'Linear',
    [x, weight, context.makeConstant('bias', plainTensor([rows], intercepts))],
    {},
  );
}

function ofTwo(context: NodeContext, score: Value, transform: Transform): Value {
  const second = transform === 'LOGISTIC' ? context.emit('Sigmoid', [score], {}) : score;
  const first = context.emit('Sub', [context.makeConstant('one', plainTensor([], [1])), second], {});
  return context.emit('Concat', [first, second], { axis: 1 });
}
