/** For each public index the element at its place along an axis, or the block that a list of them names. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readIndices } from './indices.js';

export const gatherElementsOnnx: OnnxOperator = {
  name: 'GatherElements',
  opsets: [11, ALL_OPSETS[1]],
  note: 'indices constant or computed from shapes',
  convert(context) {
    const x = context.input(0);
    const [axis = 0] = context.axes([context.int('axis', 0)], context.rank(x));
    const indices = readIndices(context, context.input(1));
    context.result(context.emit('GatherElements', [x], { axis, ...indices }));
  },
};

export const gatherNDOnnx: OnnxOperator = {
  name: 'GatherND',
  opsets: [11, ALL_OPSETS[1]],
  note: 'indices constant or computed from shapes; batch_dims',
  convert(context) {
    const batchDims = context.opset < 12 ? 0 : context.int('batch_dims', 0);
    const indices = readIndices(context, context.input(1));
    context.result(context.emit('GatherND', [context.input(0)], { batchDims, ...indices }));
  },
};
