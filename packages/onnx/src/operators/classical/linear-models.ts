/**
 * Linear models of the operator set ai.onnx.ml, as scikit-learn's are exported by skl2onnx: their weights are attributes.
 * What a single score means for two classes is onnxruntime's: without a transform 1 - s and s.
 */
import { plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../../node-context.js';
import { ALL_OPSETS, CLASSICAL, type OnnxOperator } from '../../operator.js';

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
    const texts = context.strings('classlabels_strings') ?? [];
    const labels = context.ints('classlabels_ints') ?? [];
    const classes = Math.max(texts.length, labels.length);
    const rows = context.floats('intercepts')?.length ?? classes;
    if (classes < 2 || (rows !== classes && !(rows === 1 && classes === 2)))
      context.fail(`${rows} rows of weights do not fit ${classes} classes`);
    const scores = scoresOf(context, rows);
    if (texts.length > 0) {
      if (context.isUsed(0))
        context.reject('its labels are texts: number the classes, or leave the labels out of the outputs');
    } else
      context.result(rows === 1 ? labelOfTwo(context, scores, labels) : labelOf(context, scores, labels));
    context.result(rows === 1 ? ofTwo(context, scores, transform) : ofEach(context, scores, transform), 1);
  },
};

const TRANSFORMS = ['NONE', 'LOGISTIC', 'SOFTMAX'] as const;
type Transform = (typeof TRANSFORMS)[number];

function transformOf(context: NodeContext): Transform {
  const name = context.string('post_transform', 'NONE');
  return TRANSFORMS.find((one) => one === name) ?? context.fail(`post_transform ${name} is not supported`);
}

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

function ofEach(context: NodeContext, scores: Value, transform: Transform): Value {
  if (transform === 'NONE') return scores;
  return transform === 'LOGISTIC'
    ? context.emit('Sigmoid', [scores], {})
    : context.emit('Softmax', [scores], { axis: 1 });
}

function ofTwo(context: NodeContext, score: Value, transform: Transform): Value {
  const second = transform === 'LOGISTIC' ? context.emit('Sigmoid', [score], {}) : score;
  const first = context.emit('Sub', [context.makeConstant('one', plainTensor([], [1])), second], {});
  return context.emit('Concat', [first, second], { axis: 1 });
}

function labelOfTwo(context: NodeContext, score: Value, [low = 0, high = 1]: readonly number[]): Value {
  const zero = context.makeConstant('zero', plainTensor([], [0]));
  const above = context.emit('Greater', [score, zero], {}, 'int');
  const hit = context.emit('Squeeze', [above], { axes: [1] });
  if (low === 0 && high === 1) return hit;
  const step = context.makeConstant('step', plainTensor([], [high - low]), 'int');
  const from = context.makeConstant('low', plainTensor([], [low]), 'int');
  return context.emit('Add', [context.emit('Mul', [hit, step], {}), from], {});
}

function labelOf(context: NodeContext, scores: Value, labels: readonly number[]): Value {
  const index = context.emit('ArgMax', [scores], { axis: 1, keepDims: false }, 'int');
  if (labels.every((label, i) => label === i)) return index;
  const table = context.makeConstant('labels', plainTensor([labels.length], labels), 'int');
  return context.emit('Lookup', [table, index], { oneHot: false }, 'int');
}
