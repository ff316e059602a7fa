/** Where the largest, or the smallest, element along an axis is. */
import { plainTensor } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

const argOf = (op: 'ArgMax' | 'ArgMin'): OnnxOperator => ({
  name: op,
  opsets: ALL_OPSETS,
  note: 'axis, keepdims, select_last_index',
  convert(context) {
    const x = context.input(0);
    const [axis = 0] = context.axes([context.int('axis', 0)], context.rank(x));
    const keepDims = context.int('keepdims', 1) !== 0;
    const last = context.opset >= 12 && context.int('select_last_index', 0) !== 0;
    if (!last) return context.result(context.emit(op, [x], { axis, keepDims }, 'int'));
    const size = context.shape(x)[axis];
    if (typeof size !== 'number') return context.fail(`the size ${size} of axis ${axis} must be known`);
    // The first from the end.
    const turned = context.emit('Slice', [x], { axes: [axis], starts: [-1], ends: [-Infinity], steps: [-1] });
    const index = context.emit(op, [turned], { axis, keepDims }, 'int');
    const end = context.makeConstant('end', plainTensor([], [size - 1]), 'int');
    context.result(context.emit('Sub', [end, index], {}));
  },
});

export const argMaxOnnx = argOf('ArgMax');
export const argMinOnnx = argOf('ArgMin');
