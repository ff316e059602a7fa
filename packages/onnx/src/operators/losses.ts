/** Losses of classifications by public labels, which files that evaluate a model have at their end. */
import { plainTensor, sizeOf, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

/** Less the value at each label, times the weight of the label; zero where the label is the one to ignore. */
function likelihoodLoss(context: NodeContext, x: Value): Value {
  const { shape, data } = context.constant(context.input(1), 'the labels');
  const reduction = context.string('reduction', 'mean');
  if (!['none', 'sum', 'mean'].includes(reduction)) context.fail(`reduction ${JSON.stringify(reduction)}`);
  const ignored = context.has('ignore_index') ? context.int('ignore_index', 0) : undefined;
  const labels = Array.from(data, (label) => (label === ignored ? 0 : label));
  const counts = plainTensor(
    shape,
    Array.from(data, (label) => (label === ignored ? 0 : 1)),
  );
  const counted = context.makeConstant('counted', counts);
  const own = [shape[0] ?? 1, 1, ...shape.slice(1)];
  const found = context.emit('GatherElements', [x], { axis: 1, indices: labels, shape: own });
  const picked = context.emit('Neg', [context.emit('Squeeze', [found], { axes: [1] })], {});
  const weights = context.optional(2);
  const factor = weights
    ? context.emit('Mul', [context.emit('Take', [weights], { axis: 0, indices: labels, shape }), counted], {})
    : counted;
  const plain = weights === undefined && counts.data.every((v) => v === 1);
  const losses = plain ? picked : context.emit('Mul', [picked, factor], {});
  if (reduction === 'none') return losses;
  const all = { axes: shape.map((_, axis) => axis), keepDims: false };
  const sum = context.emit('ReduceSum', [losses], all);
  if (reduction === 'sum') return sum;
  const total = plain
    ? context.makeConstant('count', plainTensor([], [sizeOf(shape)]))
    : context.emit('ReduceSum', [factor], all);
  if (total.kind !== 'constant') return context.emit('Div', [sum, total], { integer: false });
  const [count = 0] = total.tensor.data;
  if (count === 0) context.fail('no label counts');
  return context.emit('Mul', [sum, context.makeConstant('inverse', plainTensor([], [1 / count]))], {});
}

export const negativeLogLikelihoodLossOnnx: OnnxOperator = {
  name: 'NegativeLogLikelihoodLoss',
  opsets: [12, ALL_OPSETS[1]],
  note: 'constant labels',
  convert: (context) => context.result(likelihoodLoss(context, context.input(0))),
};

export const softmaxCrossEntropyLossOnnx: OnnxOperator = {
  name: 'SoftmaxCrossEntropyLoss',
  opsets: [12, ALL_OPSETS[1]],
  note: 'constant labels; becomes LogSoftmax',
  convert(context) {
    const logarithms = context.emit('LogSoftmax', [context.input(0)], { axis: 1 });
    context.result(likelihoodLoss(context, logarithms));
    context.forward(logarithms, 1);
  },
};
