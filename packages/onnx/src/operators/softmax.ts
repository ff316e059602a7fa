/** Softmax and its logarithm, and where the largest is. Until operator set 12 the axes from `axis` on are taken as one. */
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { sizesOf } from './shape.js';

type Op = 'Softmax' | 'LogSoftmax' | 'ArgMaxOneHot';

const softmax = (name: string, op: Op): OnnxOperator => ({
  name,
  opsets: ALL_OPSETS,
  note: name === op ? '' : `becomes ${op}`,
  convert(context) {
    const x = context.input(0);
    const rank = context.rank(x);
    if (rank === 0) context.fail('the input has no axes');
    const [axis] = context.axes([context.int('axis', context.opset < 13 ? 1 : -1)], rank);
    if (context.opset >= 13 || axis === rank - 1) context.result(context.emit(op, [x], { axis }));
    else context.result(flattened(context, op, axis));
  },
});

function flattened(context: NodeContext, op: Op, axis: number) {
  const x = context.input(0);
  const matrix = context.emit('Flatten', [x], { axis });
  const shape = sizesOf(context, x);
  return context.emit('Reshape', [context.emit(op, [matrix], { axis: 1 })], { shape, allowZero: true });
}

export const softmaxOnnx = softmax('Softmax', 'Softmax');
export const logSoftmaxOnnx = softmax('LogSoftmax', 'LogSoftmax');
export const hardmaxOnnx = softmax('Hardmax', 'ArgMaxOneHot');
