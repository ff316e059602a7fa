/** Maximum over a sliding window; padding never wins. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readPool } from './pool.js';

export const maxPoolOnnx: OnnxOperator = {
  name: 'MaxPool',
  opsets: ALL_OPSETS,
  note: '1-d to 3-d; pads, auto_pad, ceil_mode, dilations; no Indices output',
  convert(context) {
    // Only the order of the second output's indices depends on it.
    context.ignore('storage_order');
    const ceilMode = context.int('ceil_mode', 0) !== 0;
    const x = context.input(0);
    context.result(
      readPool(context, x, (value, window) => context.emit('MaxPool', [value], { ...window, ceilMode })),
    );
  },
};
