/** Maximum over a sliding window; padding never wins. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { maxPoolIndices } from './max-pool-indices.js';
import { readPool } from './pool.js';
import { readWindow } from './window.js';

export const maxPoolOnnx: OnnxOperator = {
  name: 'MaxPool',
  opsets: ALL_OPSETS,
  note: '1-d to 3-d; pads, auto_pad, ceil_mode, dilations; Indices for known sizes',
  convert(context) {
    // Only the order of the indices depends on it.
    const columns = context.opset >= 8 && context.int('storage_order', 0) !== 0;
    const ceilMode = context.int('ceil_mode', 0) !== 0;
    const x = context.input(0);
    context.result(
      readPool(context, x, (value, window) => context.emit('MaxPool', [value], { ...window, ceilMode })),
    );
    if (!context.node.outputs[1]) return;
    const window = readWindow(context, context.shape(x), context.ints('kernel_shape') ?? []);
    context.result(maxPoolIndices(context, x, { ...window, ceilMode }, columns), 1);
  },
};
