/** Mean over a sliding window; whether padding counts is explicit. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readPool } from './pool.js';

export const averagePoolOnnx: OnnxOperator = {
  name: 'AveragePool',
  opsets: ALL_OPSETS,
  note: '1-d to 3-d; pads, auto_pad, ceil_mode, count_include_pad, dilations',
  convert(context) {
    const ceilMode = context.int('ceil_mode', 0) !== 0;
    const countIncludePad = context.int('count_include_pad', 0) !== 0;
    const x = context.input(0);
    context.result(
      readPool(context, x, (value, window) =>
        context.emit('AveragePool', [value], { ...window, ceilMode, countIncludePad }),
      ),
    );
  },
};
