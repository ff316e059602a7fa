/** The first elements of an axis in order, and their indices: secret ones of secret values. */
import { normalizeAxis } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const topKOnnx: OnnxOperator = {
  name: 'TopK',
  opsets: ALL_OPSETS,
  note: 'constant k; always sorted; indices of secret values are secret whole numbers',
  convert(context) {
    const x = context.input(0);
    const axis = normalizeAxis(context.int('axis', -1), context.rank(x));
    const k = context.opset < 10 ? context.int('k', -1) : context.scalar(context.input(1), 'k');
    if (!Number.isInteger(k) || k < 0) context.fail(`k is ${k}`);
    const largest = context.opset < 11 || context.int('largest', 1) !== 0;
    // An order is one of the orders that may come.
    context.ignore('sorted');
    const attributes = { axis, k, largest };
    const [, indices = ''] = context.node.outputs;
    if (indices === '') {
      context.result(context.emit('TopK', [x], attributes));
      return;
    }
    const both = context.emit('TopKWithIndices', [x], attributes);
    const part = (i: number, type?: 'int') => {
      const cut = { axes: [0], starts: [i], ends: [i + 1], steps: [1] };
      return context.emit('Squeeze', [context.emit('Slice', [both], cut)], { axes: [0] }, type);
    };
    context.result(part(0));
    context.result(part(1, 'int'), 1);
  },
};
