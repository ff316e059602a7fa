/** Softmax and its logarithm. Until operator set 12 the axes from `axis` on are taken as one. */
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { sizesOf } from './shape.js';

const softmax = (name: 'Softmax' | 'LogSoftmax'): OnnxOperator => ({
  name,
  opsets: ALL_OPSETS,
  note: '',
  convert(context) {
    const x = context.input(0);
    const rank = context.rank(x);
    if (rank === 0) context.fail('the input has no axes');
    const [axis] = context.axes([context.int('axis', context.opset < 13 ? 1 : -1)], rank);
    if (context.opset >= 13 || axis === rank - 1) context.result(context.emit(name, [x], { axis }));
    else context.result(flattened(context, name, axis));
  },
});

function flattened(context: NodeContext, name: 'Softmax' | 'LogSoftmax', axis: number) {
  const x = context.input(0);
  const matrix = context.emit('Flatten', [x], { axis });
  const shape = sizesOf(context, x);
  return context.emit('Reshape', [context.emit(name, [matrix], { axis: 1 })], { shape, allowZero: true });
}

export const softmaxOnnx = softmax('Softmax');
export const logSoftmaxOnnx = softmax('LogSoftmax');
