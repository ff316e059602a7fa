/** Mean over a sliding window; whether padding counts is explicit. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readPool } from './window.js';

export const averagePoolOnnx: OnnxOperator = {
  name: 'AveragePool',
  opsets: ALL_OPSETS,
  note: '1-d and 2-d; pads, auto_pad, ceil_mode, count_include_pad, dilations',
  convert(context) {
    const ceilMode = context.int('ceil_mode', 0) !== 0;
    const countIncludePad = context.int('count_include_pad', 0) !== 0;
    const x = context.input(0);
    const window = readPool(context, context.shape(x));
    context.result(context.emit('AveragePool', [x], { ...window, ceilMode, countIncludePad }));
  },
};
