/** Dropout does nothing at inference. */
import { isNumeric, sizeOf } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const dropoutOnnx: OnnxOperator = {
  name: 'Dropout',
  opsets: ALL_OPSETS,
  note: 'removed; the mask is all true; no training mode, unless its ratio is 0',
  convert(context) {
    context.ignore('seed');
    const x = context.input(0);
    const [rate, training] = context.opset < 12 ? [] : [context.optional(1), context.optional(2)];
    context.ignore('ratio');
    if (training !== undefined && context.scalar(training, 'training_mode') !== 0)
      if (rate === undefined || context.scalar(rate, 'the ratio') !== 0) context.reject('training mode');
    context.result(x);
    const shape = context.shape(x);
    // Before operator set 10 the mask has no values at inference.
    if (context.opset >= 10 && context.node.outputs.length > 1 && isNumeric(shape)) {
      const mask = { shape, data: new Float64Array(sizeOf(shape)).fill(1) };
      context.result(context.makeConstant('mask', mask, 'bool'), 1);
    }
  },
};
